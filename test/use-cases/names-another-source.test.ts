import { expect, it } from 'vitest';
import type { Conversion } from '../../shared/contracts/postback.ts';
import type { Touch } from '../../shared/domain/attribution/attribute.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { saysSameSource } from '../../shared/use-cases/record-conversion/make-lead.ts';
import { namesAnotherSource } from '../../shared/use-cases/record-conversion/names-another-source.ts';
import { AFFILIATE_ID, attribution, CAMPAIGN_ID, CLICK_ID, DAY_MS, later, lead, touch } from '../support/builders.ts';

const OTHER = 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z';
const OTHER_CLICK = 'another-click';

const said = (changes: Partial<Conversion> = {}): Conversion => ({
  campaign: CAMPAIGN_ID,
  transactionId: 'order-1',
  event: 'lead',
  platformClickIds: [],
  subIds: {},
  contact: {},
  ...changes,
});

const TOUCHES: Readonly<Record<string, Touch>> = {
  own: touch(),
  another: touch({ clickId: OTHER_CLICK, affiliateId: OTHER }),
};
const CODES: Readonly<Record<string, string>> = { OWN: AFFILIATE_ID, ANOTHER: OTHER };

const isAnother = (of: Lead, conversion: Conversion) =>
  namesAnotherSource(
    {
      catalog: { affiliateByPromoCode: async (_campaign, code) => CODES[code] },
      touches: {
        byClickRef: async (_campaign, ref) => TOUCHES[ref],
        // One that came after the lead is not looked at.
        byPlatformClickId: async (_campaign, id, notAfter) =>
          notAfter < later(of.occurredAt, DAY_MS) ? TOUCHES[id] : TOUCHES['another'],
      },
      digest: (text) => text,
    },
    of,
    conversion,
  );

const byCode = lead({ attributedBy: 'promo_code', clickId: undefined, clickedAt: undefined });
/** Rejected: it names one affiliate, and the click of another. */
const ofTwo = lead({
  status: 'rejected',
  affiliateId: OTHER,
  clickId: undefined,
  evidence: { namedAffiliateId: OTHER, attribution: attribution() },
});

it.each([
  ['nothing', lead(), {}, false],
  ['its click', lead(), { clickId: CLICK_ID }, false],
  ['another click', lead(), { clickId: OTHER_CLICK }, true],
  ['a click of a lead that has none', byCode, { clickId: CLICK_ID }, true],
  ['its imported click', lead(), { clickRef: 'own' }, false],
  ['another imported click', lead(), { clickRef: 'another' }, true],
  ['a click that nobody knows', lead(), { clickRef: 'unknown' }, true],
  ['a click that nobody knows of a lead that has none', byCode, { clickRef: 'unknown' }, true],
  ['its platform’s click', lead(), { platformClickIds: ['own'] }, false],
  ['another platform’s click', lead(), { platformClickIds: ['another'] }, true],
  ['a platform’s click that nobody knows', lead(), { platformClickIds: ['unknown'] }, false],
  ['its affiliate', lead(), { affiliate: AFFILIATE_ID }, false],
  ['another affiliate', lead(), { affiliate: OTHER }, true],
  ['another affiliate beside its click', lead(), { clickId: CLICK_ID, affiliate: OTHER }, true],
  ['its affiliate by a code', byCode, { promoCode: 'OWN' }, false],
  ['another affiliate by a code', byCode, { promoCode: 'ANOTHER' }, true],
  ['nobody by a code', byCode, { promoCode: 'NOBODY' }, false],
  ['another affiliate by a code beside its click', lead(), { clickId: CLICK_ID, promoCode: 'ANOTHER' }, false],
  ['another affiliate by a code alone, of a lead that a click brought', lead(), { promoCode: 'ANOTHER' }, false],
  [
    'a code beside a platform’s click that is forgotten',
    lead(),
    { platformClickIds: ['unknown'], promoCode: 'ANOTHER' },
    false,
  ],
  [
    'a code beside a platform’s click that was none',
    byCode,
    { platformClickIds: ['unknown'], promoCode: 'ANOTHER' },
    true,
  ],
  ['what it was told with, the click in the evidence', ofTwo, { clickId: CLICK_ID, affiliate: OTHER }, false],
  ['the affiliate of the click in the evidence', ofTwo, { clickId: CLICK_ID, affiliate: AFFILIATE_ID }, true],
  ['another click than that in the evidence', ofTwo, { clickId: OTHER_CLICK, affiliate: OTHER }, true],
] as const)('a message that names %s', async (_what, of, changes, expected) => {
  expect(await isAnother(of, said(changes as Partial<Conversion>))).toBe(expected);
});

it.each([
  ['an imported click', { clickRef: 'forgotten' }],
  ['a click and an affiliate', { clickRef: 'forgotten', affiliate: AFFILIATE_ID }],
  ['a code', { promoCode: 'GIVEN-TO-ANOTHER-SINCE', platformClickIds: ['a', 'b'] }],
])('what a lead was told with stays its own when it is forgotten: %s', async (_what, changes) => {
  const amount = { amountMinor: 1000n, currency: 'EUR' };
  const { clickRef, promoCode } = said(changes);
  const source = clickRef ?? [said(changes).platformClickIds, promoCode, null];
  const known = lead({
    amount,
    clickId: clickRef && CLICK_ID,
    bodyHash: JSON.stringify([CAMPAIGN_ID, 'lead', 'order-1', source, '1000', 'EUR']),
  });
  expect(saysSameSource(known, said(changes), (text) => text)).toBe(true);
  expect(await isAnother(known, said({ ...changes, amount: '7.00', currency: 'EUR' }))).toBe(false);
});
