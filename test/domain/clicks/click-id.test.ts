import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLICK_ID_CHARACTERS,
  type ClickMac,
  makeClickId,
  readClickId,
} from '../../../shared/domain/clicks/click-id.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, CLICK_ID, CLICK_ULID, clickMac } from '../../support/builders.ts';

const mac = clickMac();
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const parts = { ulid: CLICK_ULID, campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID };
const faultOf = (clickId: string, withMac = mac): string => {
  const read = readClickId(clickId, withMac);
  return read.ok ? 'ok' : read.fault;
};
const replaced = (text: string, index: number, character: string): string =>
  text.slice(0, index) + character + text.slice(index + 1);

const ulid = fc
  .tuple(
    fc.constantFrom(...'01234567'),
    fc.string({ unit: fc.constantFrom(...CROCKFORD), minLength: 25, maxLength: 25 }),
  )
  .map(([first, rest]) => first + rest);
const affiliateUlid = ulid.filter((text) => /[^0]/.test(text));

describe('a click id', () => {
  it('has 75 characters that need no encoding in a URL', () => {
    expect(CLICK_ID).toMatch(/^[A-Za-z0-9_-]{75}$/);
    expect(CLICK_ID_CHARACTERS).toBe(75);
  });

  it('stays readable for good: ids out there must not change their meaning', () => {
    const fixed: ClickMac = (keyId) => new Uint8Array(32).fill(keyId);
    const clickId = makeClickId(parts, 7, fixed);
    const bytes = Buffer.from(clickId, 'base64url');
    expect(bytes).toHaveLength(56);
    expect(bytes.subarray(48).toString('hex')).toBe('0707070707070707');
    expect(bytes.readUIntBE(0, 6)).toBe(Date.parse('2024-11-25T05:44:29.248Z'));
  });

  it('says campaign, affiliate and time by itself', () => {
    expect(readClickId(CLICK_ID, mac)).toEqual({
      ok: true,
      click: {
        clickId: CLICK_ID,
        clickedAt: '2024-11-25T05:44:29.248Z',
        campaignId: CAMPAIGN_ID,
        affiliateId: AFFILIATE_ID,
      },
    });
  });

  it("of an ad platform's click has zeros where the affiliate would be, and reads as no affiliate", () => {
    const clickId = makeClickId({ ...parts, affiliateId: undefined }, 1, mac);
    expect(Buffer.from(clickId, 'base64url').subarray(32, 48)).toEqual(Buffer.alloc(16));
    expect(readClickId(clickId, mac)).toMatchObject({ ok: true, click: { affiliateId: undefined } });
  });

  it.each([
    ['the first millisecond', '0000000000', '1970-01-01T00:00:00.000Z'],
    ['a millisecond later', '0000000001', '1970-01-01T00:00:00.001Z'],
    ['this year', '01KAF8Z400', '2025-11-20T00:00:00.000Z'],
  ])('is dated to the millisecond: %s', (_when, time, clickedAt) => {
    const clickId = makeClickId({ ...parts, ulid: `${time}Z6V2K4M7N1P0R8H9` }, 1, mac);
    expect(readClickId(clickId, mac)).toMatchObject({ click: { clickedAt } });
  });

  it('comes back whole, whatever it was made of', () => {
    fc.assert(
      fc.property(
        ulid,
        ulid,
        fc.option(affiliateUlid, { nil: undefined }),
        fc.constantFrom(0, 1),
        (click, campaign, affiliate, keyId) => {
          const campaignId = `cmp_${campaign}`;
          const affiliateId = affiliate && `aff_${affiliate}`;
          const clickId = makeClickId({ ulid: click, campaignId, affiliateId }, keyId, mac);
          expect(readClickId(clickId, mac)).toMatchObject({ ok: true, click: { clickId, campaignId, affiliateId } });
        },
      ),
    );
  });
});

describe('an altered click id', () => {
  it.each(Array.from({ length: CLICK_ID_CHARACTERS }, (_, index) => [index]))(
    'is refused whatever stands at character %i',
    (index) => {
      const others = [...BASE64URL].filter((character) => character !== CLICK_ID[index]);
      const accepted = others.filter((character) => faultOf(replaced(CLICK_ID, index, character)) === 'ok');
      expect(accepted).toEqual([]);
    },
  );

  it('is refused after any 10,000 changes of several characters', () => {
    const change = fc.tuple(fc.nat(CLICK_ID_CHARACTERS - 1), fc.constantFrom(...BASE64URL));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const altered = changes.reduce((text, [index, character]) => replaced(text, index, character), CLICK_ID);
        return altered === CLICK_ID || faultOf(altered) !== 'ok';
      }),
      { numRuns: 10_000 },
    );
  });

  it('is refused with two characters swapped', () => {
    for (let index = 1; index < CLICK_ID_CHARACTERS; index += 1) {
      const swapped = replaced(replaced(CLICK_ID, index, CLICK_ID[index - 1]!), index - 1, CLICK_ID[index]!);
      if (swapped !== CLICK_ID) expect(faultOf(swapped)).not.toBe('ok');
    }
  });

  it.each([
    ['empty', ''],
    ['truncated by one', CLICK_ID.slice(0, -1)],
    ['truncated by half', CLICK_ID.slice(0, 37)],
    ['a character too long', `${CLICK_ID}A`],
    ['padded', `${CLICK_ID}=`],
    ['with a character outside the alphabet', replaced(CLICK_ID, 20, '.')],
    ['with base64 instead of base64url', replaced(CLICK_ID, 20, '+')],
    ['with a slash', replaced(CLICK_ID, 20, '/')],
    ['with a blank', replaced(CLICK_ID, 20, ' ')],
    ['ending in a line break', replaced(CLICK_ID, 74, '\n')],
    ['with a character of two bytes', replaced(CLICK_ID, 20, 'é')],
    ['of 75 characters outside the alphabet', '!'.repeat(75)],
  ])('is malformed when %s', (_what, clickId) => {
    expect(faultOf(clickId)).toBe('malformed');
  });

  it('is malformed with a spare bit set: one click has one name', () => {
    const last = BASE64URL.indexOf(CLICK_ID.at(-1)!);
    for (const spare of [1, 2, 3]) {
      const alias = replaced(CLICK_ID, 74, BASE64URL[last + spare]!);
      expect(Buffer.from(alias, 'base64url')).toEqual(Buffer.from(CLICK_ID, 'base64url'));
      expect(faultOf(alias)).toBe('malformed');
    }
  });

  it('is forged when made of random bytes', () => {
    for (let run = 0; run < 1000; run += 1) expect(faultOf(randomBytes(56).toString('base64url'))).toBe('forged');
  });
});

describe('keys', () => {
  const old = makeClickId(parts, 0, mac);

  it('rotate: clicks under the old key are read for as long as it is kept', () => {
    expect([faultOf(old), faultOf(CLICK_ID)]).toEqual(['ok', 'ok']);
  });

  it('of which one is dropped make its clicks forged', () => {
    const withoutOld: ClickMac = (keyId, bytes) => (keyId === 0 ? undefined : mac(keyId, bytes));
    expect([faultOf(old, withoutOld), faultOf(CLICK_ID, withoutOld)]).toEqual(['forged', 'ok']);
  });

  it('under another secret make every click forged', () => {
    expect(faultOf(CLICK_ID, clickMac(['key 0', 'another']))).toBe('forged');
  });

  it('cannot be swapped by renaming the key in the id', () => {
    const bytes = Buffer.from(CLICK_ID, 'base64url');
    bytes[48] = 0;
    expect(faultOf(bytes.toString('base64url'))).toBe('forged');
  });

  it('must be known to make a click id', () => {
    expect(() => makeClickId(parts, 2, mac)).toThrow(RangeError);
  });
});
