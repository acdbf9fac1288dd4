import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../shared/dialects/names.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { filledIn, got, posted, usableSetup } from '../support/dialects.ts';

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
