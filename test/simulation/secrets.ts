import { createHash } from 'node:crypto';
import type { CallAws } from '../../shared/adapters/aws-json.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { SECRET_NAMES } from '../../shared/runtime/secret-names.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';

export const SECRETS_PREFIX = '/leadledger/simulated/';

const keyOf = (name: string): string => createHash('sha256').update(name).digest('base64');

/** The parameters of a run, by their names without the prefix. */
export type SecretValues = Map<string, string>;

export const freshSecrets = (): SecretValues =>
  new Map([
    [SECRET_NAMES.leadIdPepper, keyOf('pepper')],
    [SECRET_NAMES.clickIdKeys, clickIdKeys(1)],
  ]);

/** Click id keys up to a number, which is the current one. */
export const clickIdKeys = (current: number, known = current): string =>
  JSON.stringify({
    current,
    keys: Object.fromEntries(
      Array.from({ length: known }, (_, index) => [index + 1, keyOf(`click id key ${index + 1}`)]),
    ),
  });

const OUTAGE_CALLS = [1, 3] as const;

/** The parameter store as an instance calls it. */
export function callSecrets(machine: Machine, instance: Instance, secrets: SecretValues): CallAws {
  let silentCalls = 0;
  return (_target, body) => {
    const fault = machine.faults.at('secrets');
    if (fault !== undefined) {
      machine.trace?.(`${instance.name} ! ${fault.kind} ${fault.degree}`);
      silentCalls += OUTAGE_CALLS[fault.degree] ?? 0;
    }
    const isSilent = silentCalls > 0 && !machine.isHealed;
    silentCalls -= 1;
    const { Names } = body as { readonly Names: readonly string[] };
    return new Promise((resolve, reject) => {
      machine.scheduler.after(machine.latency(), () => {
        if (!instance.alive) return;
        if (isSilent) return reject(new StoreUnavailable('the parameter store does not answer'));
        const Parameters = Names.map((Name) => ({ Name, Value: secrets.get(Name.slice(SECRETS_PREFIX.length)) }));
        resolve({ Parameters });
      });
    });
  };
}
