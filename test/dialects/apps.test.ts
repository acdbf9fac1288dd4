import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../shared/dialects/names.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { refusals } from '../../shared/dialects/verification.ts';
import { failuresOf, filledIn, got, posted, setupOf, usableSetup } from '../support/dialects.ts';

const TOKEN = 'made-up-token';

describe.each([dialectOf('adjust'), dialectOf('singular')])('the token in the URL for $title', (dialect) => {
  it.each([
    ['is right', TOKEN, `token=${TOKEN}`, 'token'],
    ['is wrong', TOKEN, 'token=made-up', refusals.wrong],
    ['is missing', TOKEN, '', refusals.missing],
    ['is given twice', TOKEN, `token=${TOKEN}&token=${TOKEN}`, refusals.missing],
    ['was not agreed', undefined, '', 'nothing'],
    ['is empty', '', 'token=', refusals.noSecret],
  ])('%s', (_case, token, query, by) => {
    const verified = dialect.verify(got(query), setupOf(dialect, token === undefined ? {} : { token }));
    expect(verified.ok ? verified.by : verified.reason).toBe(by);
  });
});

describe.each([dialectOf('appsflyer'), dialectOf('branch')])('the token in a header for $title', (dialect) => {
  it.each([
    ['stands in the header Authorization', TOKEN, undefined, { authorization: TOKEN }, 'token'],
    ['or in another that was agreed', TOKEN, 'X-Push-Token', { 'x-push-token': TOKEN }, 'token'],
    ['must be right', TOKEN, 'X-Push-Token', { 'x-push-token': 'made-up' }, refusals.wrong],
    ['must be there', TOKEN, 'X-Push-Token', { authorization: TOKEN }, refusals.missing],
    ['is not asked for where none was agreed', undefined, undefined, {}, 'nothing'],
    ['that is empty proves nothing', '', undefined, { authorization: '' }, refusals.noSecret],
  ] as const)('%s', (_case, token, tokenHeader, headers, by) => {
    const setup = setupOf(
      dialect,
      token === undefined ? {} : { token },
      tokenHeader === undefined ? {} : { tokenHeader },
    );
    const verified = dialect.verify(posted('{}', { headers }), setup);
    expect(verified.ok ? verified.by : verified.reason).toBe(by);
  });
});

it.each(['adjust', 'appsflyer', 'branch', 'singular'] as const)(
  '%s is answered with a failure where it is not its sender’s or was not kept, and nowhere else',
  (name) => {
    const dialect = dialectOf(name);
    expect(failuresOf(dialect, got(''), setupOf(dialect))).toEqual({ unverified: 401, unavailable: 503 });
  },
);

const ZEROS = '00000000-0000-0000-0000-000000000000';

/** What an install tells by which ids of its device it gives. */
function install(name: DialectName, ids: Readonly<Record<string, string>>) {
  const dialect = dialectOf(name);
  const message =
    name === 'branch'
      ? posted(
          JSON.stringify({
            name: 'INSTALL',
            user_data: ids,
            last_attributed_touch_data: { click_id: 'c1' },
            timestamp: 1,
          }),
        )
      : got(filledIn({ click_id: 'c1', activity_kind: 'install', media_source: 'm', ...ids }));
  const reading = dialect.read(message, usableSetup(dialect, {}));
  if (reading.kind !== 'told') return reading;
  const [told] = reading.told;
  return told?.kind === 'conversion' ? told.report.parameters : told;
}

/** The ids of an advertiser and of the vendor. */
const TRACKERS = [
  ['adjust', 'idfa', 'idfv', 'adid'],
  ['appsflyer', 'advertising_id', 'idfv', 'appsflyer_id'],
  ['branch', 'idfa', 'idfv', 'user_data.idfa'],
  ['singular', 'idfa', 'idfv', 'singular_device_id'],
] as const satisfies readonly (readonly [DialectName, string, string, string])[];

describe.each(TRACKERS)('an install told by %s', (name, advertising, vendor, named) => {
  it.each([
    ZEROS,
    '0'.repeat(32),
    '0',
    'null',
    '(null)',
    'NULL',
    'undefined',
    'none',
    'N/A',
    'unknown',
    'Not Available',
  ])('goes by the vendor’s id where the advertiser’s is %s', (none) => {
    const first = install(name, { [advertising]: none, [vendor]: 'vendor-1' });
    expect(first).toMatchObject({ transaction_id: 'vendor-1', device_id: 'vendor-1' });
  });

  it('cannot be told from others where it has no id at all', () => {
    expect(install(name, { [advertising]: ZEROS })).toEqual({
      kind: 'unreadable',
      errors: [{ field: named, message: 'must be given' }],
    });
  });

  it.each(['00000000-0000-4000-8000-000000000000', '0f', 'none-7'])('goes by %s, which is an id', (id) => {
    expect(install(name, { [advertising]: id })).toMatchObject({ device_id: id });
  });
});

it('passes over such ids of an order at impact.com', () => {
  const impact = dialectOf('impact');
  const order = filledIn({ OrderId: 'A-1', ActionTrackerId: '1', AppleIfa: ZEROS, AppleIfv: 'vendor-1' });
  expect(impact.read(got(order), usableSetup(impact))).toMatchObject({
    told: [{ report: { parameters: { device_id: 'vendor-1' } } }],
  });
});
