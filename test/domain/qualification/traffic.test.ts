import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countName, mostWithin } from '../../../shared/domain/qualification/counts.ts';
import { networkOf } from '../../../shared/domain/qualification/ip-network.ts';
import { runCheck } from '../../../shared/domain/qualification/run-check.ts';
import { AFFILIATE_ID } from '../../support/builders.ts';
import { signals, verdictOf } from '../../support/qualification.ts';

describe('leads of the same IP address or device', () => {
  const ip = { kind: 'repeat', of: 'ip', periodMs: 86_400_000, atMost: 2 } as const;
  const device = { kind: 'repeat', of: 'device', periodMs: 3_600_000, atMost: 1 } as const;
  const counts = (count: number) => ({ repeat_ip_86400000: count, repeat_device_3600000: count });

  it.each([
    ['an IP address, the first', ip, 1, 'passed'],
    ['an IP address, the last that is taken', ip, 2, 'passed'],
    ['an IP address, one more', ip, 3, 'ip_repeated'],
    ['a device, the first', device, 1, 'passed'],
    ['a device, one more', device, 2, 'device_repeated'],
  ])('%s', (_case, check, count, expected) => {
    expect(verdictOf(check, { ip: 'i', device: 'd', counts: counts(count) })).toBe(expected);
  });

  it.each([
    ['no IP address', ip, undefined, 'ip_missing'],
    ['no IP address, optional', ip, true, 'passed'],
    ['no device', device, undefined, 'device_missing'],
    ['no device, optional', device, true, 'passed'],
  ])('%s', (_case, check, optional, expected) => {
    expect(verdictOf({ ...check, optional }, {})).toBe(expected);
  });
});

it('says how many there were and how many there may be', () => {
  const check = { kind: 'repeat', of: 'ip', periodMs: 86_400_000, atMost: 1 } as const;
  const { input, expected } = runCheck(check, signals({ ip: 'i', counts: { repeat_ip_86400000: 2 } }), 'UTC');
  expect([input, expected]).toEqual(['2 leads with this one', 'at most 1 lead of the same IP address within 1 day']);
});

describe('requests in a minute', () => {
  const ip = { kind: 'rate', of: 'ip', perMinute: 5 } as const;
  const affiliate = { kind: 'rate', of: 'affiliate', perMinute: 60 } as const;

  it.each([
    ['of an IP address, the last that is taken', ip, 5, 'passed'],
    ['of an IP address, one more', ip, 6, 'ip_rate_exceeded'],
    ['of an affiliate, the last that is taken', affiliate, 60, 'passed'],
    ['of an affiliate, one more', affiliate, 61, 'affiliate_rate_exceeded'],
  ])('%s', (_case, check, count, expected) => {
    const given = { ip: 'i', affiliateId: AFFILIATE_ID, counts: { [countName(check)]: count } };
    expect(verdictOf(check, given)).toBe(expected);
  });

  it.each([
    ['no IP address', ip, undefined, 'ip_missing'],
    ['no IP address, optional', ip, true, 'passed'],
    ['no affiliate: there is nobody to count', affiliate, undefined, 'passed'],
  ])('%s', (_case, check, optional, expected) => {
    expect(verdictOf({ ...check, optional }, {})).toBe(expected);
  });
});

describe('evidence of consent', () => {
  it.each([
    ['any', ['url'], 'passed'],
    ['any', ['token'], 'passed'],
    ['any', undefined, 'consent_missing'],
    ['url', ['url'], 'passed'],
    ['url', ['url', 'token'], 'passed'],
    ['url', ['token'], 'consent_missing'],
    ['token', ['token'], 'passed'],
    ['token', ['url'], 'consent_missing'],
  ] as const)('%s asked, %j given', (proof, consent, expected) => {
    expect(verdictOf({ kind: 'consent', proof }, { consent })).toBe(expected);
  });
});

describe('the user agent', () => {
  it.each([
    ['browser', undefined, 'passed'],
    ['bot', undefined, 'user_agent_bot'],
    ['bot', true, 'user_agent_bot'],
    [undefined, undefined, 'user_agent_missing'],
    [undefined, true, 'passed'],
  ] as const)('%s, optional: %s', (userAgent, optional, expected) => {
    expect(verdictOf({ kind: 'not_bot', optional }, { userAgent })).toBe(expected);
  });
});

describe('the most leads within a period', () => {
  it.each([
    ['this one alone', [100], 100, 10, 1],
    ['one just within the period before', [91, 100], 100, 10, 2],
    ['one a whole period before', [90, 100], 100, 10, 1],
    ['one just within the period after, counted sooner', [100, 109], 100, 10, 2],
    ['one a whole period after', [100, 110], 100, 10, 1],
    ['one on either side, never in one period', [92, 100, 108], 100, 10, 2],
    ['one on either side, in one period', [96, 100, 105], 100, 10, 3],
    ['some at the same time', [100, 100, 100], 100, 10, 3],
    ['others only', [80, 120], 100, 10, 0],
  ])('%s', (_case, times, at, periodMs, expected) => {
    expect(mostWithin(times, at, periodMs)).toBe(expected);
  });

  it('is the same in any order, and keeps every period within the limit', () => {
    const time = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        (arrivals, period) => {
          const limit = 3;
          const seen: number[] = [];
          const taken: number[] = [];
          for (const at of arrivals) {
            seen.push(at);
            const count = mostWithin(seen, at, period);
            expect(mostWithin([...seen].reverse(), at, period)).toBe(count);
            if (count <= limit) taken.push(at);
          }
          for (let start = 0; start <= 60; start += 1) {
            expect(taken.filter((at) => at >= start && at < start + period).length).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});

describe('what tells one IP address from another', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0'],
  ])('%s: %s', (address, expected) => {
    expect(networkOf(address)).toBe(expected);
  });
});
