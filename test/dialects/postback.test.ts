import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affise } from '../../shared/dialects/affise.ts';
import { binom } from '../../shared/dialects/binom.ts';
import { cake } from '../../shared/dialects/cake.ts';
import type { Dialect } from '../../shared/dialects/dialect.ts';
import { everflow } from '../../shared/dialects/everflow.ts';
import { impact } from '../../shared/dialects/impact.ts';
import { keitaro } from '../../shared/dialects/keitaro.ts';
import { statusOf } from '../../shared/dialects/postback.ts';
import { prosper202 } from '../../shared/dialects/prosper202.ts';
import { redtrack } from '../../shared/dialects/redtrack.ts';
import { tune } from '../../shared/dialects/tune.ts';
import { voluum } from '../../shared/dialects/voluum.ts';
import { passage, posted, RECEIVED_AT, setupOf, toldBy, usableSetup } from '../support/dialects.ts';
import { ENDPOINT_ID } from '../support/endpoints.ts';
import { fired, heard } from '../support/postbacks.ts';

const networks: Dialect[] = [affise, binom, cake, everflow, keitaro, prosper202, redtrack, tune, voluum];
const SECRET = 'made-up-secret';

const anyText = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
const setupFor = (dialect: Dialect) =>
  usableSetup(dialect, Object.fromEntries(Object.keys(dialect.secrets.shape).map((name) => [name, SECRET])));

describe.each([...networks, impact].map((dialect) => [dialect.title, dialect] as const))('%s', (_title, dialect) => {
  const setup = setupFor(dialect);
  const sample = dialect.sample(setup, RECEIVED_AT);
  const id = (message = sample) => toldBy(passage(dialect, message, setup))[0]?.id;

  it('takes its own sample, as its sender', () => {
    const { by, answer } = passage(dialect, sample, setup);
    expect([by, answer.status]).toEqual(['token', dialect === prosper202 ? 202 : 200]);
    expect(id()).toBeTruthy();
  });

  it('refuses its sample with another secret, and repeats it nowhere', () => {
    const other = { ...setup, secrets: Object.fromEntries(Object.keys(setup.secrets).map((name) => [name, 'x'])) };
    const { by, answer } = passage(dialect, sample, other);
    expect(by).toBe('the proof of its sender is wrong');
    expect(answer.body).not.toContain(SECRET);
  });

  it('keeps its secrets out of what it tells', () => {
    expect(JSON.stringify(toldBy(passage(dialect, sample, setup)))).not.toContain(SECRET);
  });

  it('names where its callers look for it', () => {
    const path = sample.path.replace(SECRET, '{postbackKey}').replace('IRx1', '{accountSid}');
    expect(dialect.paths).toContain(path);
    expect(setup.endpointId).toBe(ENDPOINT_ID);
  });

  it('reads whatever strangers send without failing', () => {
    fc.assert(
      fc.property(anyText, fc.uint8Array(), fc.string(), (query, body, path) => {
        const { by, answer } = passage(dialect, { ...sample, query, body, path }, setup);
        expect([by.length > 0, answer.status >= 200 && answer.status < 500]).toEqual([true, true]);
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(networks.map((dialect) => [dialect.title, dialect] as const))('%s hears the same', (_title, dialect) => {
  const setup = setupFor(dialect);
  const sample = dialect.sample(setup, RECEIVED_AT);
  const told = toldBy(passage(dialect, sample, setup));
  const { path, query } = sample;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each([
    ['by POST without a body', posted('', { path, query, headers })],
    ['by a form', posted(query, { path, headers })],
    ['by JSON', posted(JSON.stringify(Object.fromEntries(new URLSearchParams(query))), { path })],
    [
      'with a fragment of something else as its body',
      posted('\u0000', { path, query, headers: { 'content-type': 'x' } }),
    ],
    ['with every parameter twice', { ...sample, query: `${query}&${query}` }],
    ['with its names in capitals', { ...sample, query: query.replace(/(?<=^|&)[^=]+/g, (name) => name.toUpperCase()) }],
    ['with macros that nobody filled', { ...sample, query: `${query}&x={x}&y=REPLACE&z=&w=%23w%23` }],
  ])('%s', (_case, message) => {
    expect(toldBy(passage(dialect, message, setup))).toEqual(told);
  });

  it('with unknown parameters, which it keeps', () => {
    const [first] = toldBy(passage(dialect, { ...sample, query: `${query}&Something=Else` }, setup));
    expect(first).toMatchObject({ report: { fields: { Something: 'Else' } } });
  });

  it('without a secret, of which it says that nothing proves it', () => {
    const open = setupOf(dialect);
    expect(passage(dialect, dialect.sample(open, RECEIVED_AT), open).by).toBe('nothing');
  });
});

describe('a word for a verdict', () => {
  it.each([
    ['none', undefined, 'open'],
    ['one that everybody uses', 'Approved', 'approved'],
    ['one for waiting', 'on_hold', 'pending'],
    ['one for scrubbing', 'scrubbed', 'declined'],
    ['one for trash', 'TRASH', 'declined'],
    ['one that nobody knows', 'ftd', 'pending'],
    ['one that objects have by themselves', 'constructor', 'pending'],
  ])('%s', (_case, word, expected) => {
    const url = word === undefined ? 'postback?cid=1' : `postback?cid=1&status=${word}`;
    expect(heard(voluum, fired(url))).toMatchObject({ status: expected });
  });

  it('that the endpoint gives a meaning has that one', () => {
    expect(statusOf(' FTD ', { ftd: 'approved' })).toBe('approved');
    expect(
      heard(tune, 'aff_lsr?transaction_id=1&status=approved', {}, { statuses: { approved: 'open' } }),
    ).toMatchObject({
      status: 'open',
    });
  });
});

describe('an amount', () => {
  it.each([
    ['of what is approved', 'status=approved&payout=0', '0'],
    ['of what the campaign decides', 'payout=0', '0'],
    ['of what waits', 'status=hold&payout=5', '5'],
    ['of nothing, of what waits', 'status=hold&payout=0.00', undefined],
    ['of what is declined', 'status=declined&payout=5', undefined],
    ['of nothing, of what is declined', 'status=declined&payout=0', undefined],
  ])('%s', (_case, query, amount) => {
    expect(heard(voluum, `postback?cid=1&${query}`).amount).toBe(amount);
  });
});
