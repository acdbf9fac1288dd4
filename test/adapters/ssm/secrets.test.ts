import { describe, expect, it } from 'vitest';
import { createClickSecrets, createLeadSecrets } from '../../../shared/adapters/ssm/secrets.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const key = Buffer.alloc(32, 1).toString('base64');

/** A parameter store whose value and mood a test sets. */
function parameterStore(Value: string) {
  const state = { Value, down: false, calls: 0, nowMs: 0 };
  const callSsm = async (_target: string, body: unknown) => {
    state.calls += 1;
    if (state.down) throw new StoreUnavailable('down');
    const { Names } = body as { Names: string[] };
    return { Parameters: Names.map((Name) => ({ Name, Value: state.Value })) };
  };
  return { state, dependencies: { prefix: '/p/', callSsm, nowMs: () => state.nowMs } };
}

describe('secrets', () => {
  it('come from the parameter store; lead ids say nothing of what they are made from', async () => {
    const { leadId, fingerprint } = await createLeadSecrets({ prefix: env.SECRETS_PREFIX })();
    expect(leadId(['a', 'b'])).toMatch(/^lead_[A-Za-z0-9_-]{22}$/);
    expect(leadId(['a', 'b'])).toBe(leadId(['a', 'b']));
    expect(new Set([leadId(['a', 'b']), leadId(['ab']), leadId(['a,b']), leadId(['a', 'b', ''])]).size).toBe(4);
    expect(fingerprint(['a', 'b'])).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(fingerprint(['a', 'b'])).not.toBe(fingerprint(['ab']));
    const { clickMac, currentClickKeyId } = await createClickSecrets({ prefix: env.SECRETS_PREFIX })();
    expect(clickMac(currentClickKeyId, Buffer.from('x'))).toHaveLength(32);
    expect(clickMac(250, Buffer.from('x'))).toBeUndefined();
  });

  it('are read once by many at once, then every 5 minutes', async () => {
    const { state, dependencies } = parameterStore(key);
    const read = createLeadSecrets(dependencies);
    await Promise.all([read(), read(), read()]);
    state.nowMs = 299_999;
    await read();
    expect(state.calls).toBe(1);
    state.nowMs = 300_000;
    await read();
    expect(state.calls).toBe(2);
  });

  it('that were rotated are known after 5 minutes, the old key with the new', async () => {
    const { state, dependencies } = parameterStore(JSON.stringify({ current: 1, keys: { '1': key } }));
    const read = createClickSecrets(dependencies);
    expect((await read()).clickMac(2, Buffer.from('x'))).toBeUndefined();
    state.Value = JSON.stringify({ current: 2, keys: { '1': key, '2': Buffer.alloc(32, 2).toString('base64') } });
    state.nowMs = 300_000;
    const { clickMac, currentClickKeyId } = await read();
    expect([currentClickKeyId, clickMac(1, Buffer.from('x'))?.length, clickMac(2, Buffer.from('x'))?.length]).toEqual([
      2, 32, 32,
    ]);
  });

  it('serve on while the store is down; where none was read, nothing is known, and the next call asks again', async () => {
    const { state, dependencies } = parameterStore(key);
    state.down = true;
    const read = createLeadSecrets(dependencies);
    await expect(read()).rejects.toThrow(StoreUnavailable);
    state.down = false;
    const { leadId } = await read();
    state.down = true;
    state.nowMs = 300_000;
    expect((await read()).leadId(['a'])).toBe(leadId(['a']));
  });

  it.each(['', 'no base64!', '{"current":1}'])('that read %j are refused', async (value) => {
    await expect(createClickSecrets(parameterStore(value).dependencies)()).rejects.toThrow(StoreUnavailable);
  });
});
