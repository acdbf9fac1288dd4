import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Dialect, EndpointSetup, Outcome, RawMessage } from '../../shared/dialects/dialect.ts';
import { dialectNames } from '../../shared/dialects/names.ts';
import { dialectOf, dialects } from '../../shared/dialects/registry.ts';
import { got, madeUpSecrets, OUTCOMES, posted, RECEIVED_AT, usableSetup } from '../support/dialects.ts';

const everyDialect = dialectNames.map((name) => [name, dialectOf(name)] as const);

const outcomes: readonly Outcome[] = [...Object.values(OUTCOMES), { kind: 'results', results: [] }];

function expectAnswer({ status, headers, body }: Answer): void {
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(600);
  expect(typeof body).toBe('string');
  for (const [name, value] of Object.entries(headers)) {
    expect(name).toBe(name.toLowerCase());
    expect(value).not.toMatch(/[\r\n]/);
  }
}

/** Takes a message through a dialect, as an endpoint does. */
function pass(dialect: Dialect, message: RawMessage, setup: EndpointSetup) {
  const verified = dialect.verify(message, setup);
  const reading = verified.ok ? dialect.read(verified.message, setup) : undefined;
  for (const outcome of outcomes) expectAnswer(dialect.answer(outcome, message, setup));
  if (reading?.kind === 'handshake') expectAnswer(reading.answer);
  return { verified, reading };
}

it('the registry has every dialect under its own name', () => {
  expect(Object.keys(dialects).sort()).toEqual([...dialectNames].sort());
  for (const [name, dialect] of everyDialect) expect(dialect.name).toBe(name);
});

describe.each(everyDialect)('%s', (name, dialect) => {
  it('sends a sample that it takes for its sender’s, and that tells something', () => {
    const setup = usableSetup(dialect);
    const { verified, reading } = pass(dialect, dialect.sample(setup, RECEIVED_AT), setup);
    expect(verified).toMatchObject({ ok: true });
    expect(reading).toMatchObject({ kind: 'told', told: [{ id: expect.stringMatching(/./) }] });
  });

  it('describes what it is set up with, and has a page', () => {
    for (const schema of [dialect.secrets, dialect.settings]) {
      for (const [field, { description }] of Object.entries(schema.shape)) {
        expect([field, description]).toEqual([field, expect.stringMatching(/.../)]);
      }
    }
    for (const made of dialect.madeSecrets ?? []) expect(dialect.secrets.shape).toHaveProperty(made);
    for (const path of dialect.paths) expect(path).not.toMatch(/^\/|\/$/);
    expect(existsSync(join(import.meta.dirname, '../../docs/dialects', `${name.replaceAll('_', '-')}.md`))).toBe(true);
  });

  it('never fails, whatever it is sent', () => {
    const setups = [usableSetup(dialect), usableSetup(dialect, madeUpSecrets(dialect.madeSecrets ?? []))];
    const sample = dialect.sample(usableSetup(dialect), RECEIVED_AT);
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.webQueryParameters());
    const message: fc.Arbitrary<RawMessage> = fc
      .record({
        query: fc.oneof(fc.constant(sample.query), fc.webQueryParameters(), text),
        body: fc.oneof(text, fc.constant(Buffer.from(sample.body).toString())),
        type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', ''),
        method: fc.constantFrom('GET' as const, 'POST' as const),
        path: fc.constantFrom('', sample.path, 'x/y'),
      })
      .map(({ query, body, type, method, path }) => ({
        ...(method === 'POST'
          ? posted(body, { query, path, headers: { ...sample.headers, 'content-type': type } })
          : got(query, { path, headers: sample.headers })),
        method,
      }));
    fc.assert(
      fc.property(message, fc.constantFrom(...setups), (sent, setup) => {
        pass(dialect, sent, setup);
        // What nothing verifies is read all the same: reading must not lean on verifying.
        dialect.read(sent, setup);
      }),
      { numRuns: 60 },
    );
  });
});
