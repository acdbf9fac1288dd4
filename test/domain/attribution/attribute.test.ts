import { describe, expect, it } from 'vitest';
import { type AttributionCandidates, attribute } from '../../../shared/domain/attribution/attribute.ts';
import type { Click } from '../../../shared/domain/clicks/click-id.ts';
import {
  AFFILIATE_ID,
  CAMPAIGN_ID,
  CLICK_ID,
  CLICKED_AT,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  touch,
} from '../../support/builders.ts';

const click: Click = { clickId: CLICK_ID, clickedAt: CLICKED_AT, campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID };

const candidates = (found: Partial<AttributionCandidates>): AttributionCandidates => ({
  clickNamedBy: 'click_id',
  ...found,
});

/** Everything that can be found, strongest first. */
const everything = {
  click,
  platformTouch: touch({ clickId: 'platform', affiliateId: OTHER_AFFILIATE_ID }),
  promoCodeAffiliateId: 'aff_of_promo_code',
  namedAffiliateId: 'aff_named',
  adPlatform: 'google_ads',
};

describe('the order', () => {
  const { click: _click, ...withoutClick } = everything;
  const { platformTouch: _touch, ...withoutTouch } = withoutClick;
  const { promoCodeAffiliateId: _code, ...withoutCode } = withoutTouch;
  const { namedAffiliateId: _named, ...withoutAffiliate } = withoutCode;
  it.each([
    ['a click', everything, 'click_id', AFFILIATE_ID],
    ['then a touch that the platform click id was seen on', withoutClick, 'platform_click_id', OTHER_AFFILIATE_ID],
    ['then a promo code', withoutTouch, 'promo_code', 'aff_of_promo_code'],
    ['then the named affiliate', withoutCode, 'named_affiliate', 'aff_named'],
    ['then the ad platform that delivers it, for which nobody earns', withoutAffiliate, 'ad_platform', undefined],
    ['then nothing', {}, 'none', undefined],
  ] as const)('%s', (_what, found, attributedBy, affiliateId) => {
    expect(attribute(candidates(found))).toMatchObject({ attributedBy });
    expect(attribute(candidates(found)).affiliateId).toBe(affiliateId);
  });
});

describe('a click that was named', () => {
  it.each(['click_id', 'click_ref'] as const)(
    'by %s and is unknown falls through to nothing weaker',
    (clickNamedBy) => {
      expect(attribute({ ...everything, click: 'unknown', clickNamedBy })).toEqual({
        attributedBy: clickNamedBy,
        subIds: {},
        clickNotFound: true,
      });
    },
  );

  it('of another campaign falls through to nothing weaker', () => {
    const found = attribute(candidates({ ...everything, click: { ...click, campaignId: OTHER_CAMPAIGN_ID } }));
    expect(found).toMatchObject({ attributedBy: 'click_id', campaignId: OTHER_CAMPAIGN_ID });
  });

  it('keeps what it says by itself where its touch was not stored', () => {
    expect(attribute(candidates({ click }))).toEqual({
      attributedBy: 'click_id',
      campaignId: CAMPAIGN_ID,
      affiliateId: AFFILIATE_ID,
      clickId: CLICK_ID,
      clickedAt: CLICKED_AT,
      source: undefined,
      subIds: {},
    });
  });

  it('takes only the source dimensions from its touch: who and when is what the signed click id says', () => {
    const stored = touch({
      affiliateId: OTHER_AFFILIATE_ID,
      campaignId: OTHER_CAMPAIGN_ID,
      clickedAt: '2020-01-01T00:00:00.000Z',
      source: 'newsletter',
      subIds: { sub1: 'a', sub10: 'b' },
    });
    expect(attribute(candidates({ click, touch: stored }))).toMatchObject({
      campaignId: CAMPAIGN_ID,
      affiliateId: AFFILIATE_ID,
      clickedAt: CLICKED_AT,
      source: 'newsletter',
      subIds: { sub1: 'a', sub10: 'b' },
    });
  });

  it('of an ad platform has no affiliate, whatever affiliate is named', () => {
    const found = attribute(candidates({ ...everything, click: { ...click, affiliateId: undefined } }));
    expect(found).toMatchObject({ attributedBy: 'click_id', affiliateId: undefined });
  });
});

it('a platform touch brings its click, campaign and source', () => {
  const platformTouch = touch({ affiliateId: undefined, source: 'google' });
  expect(attribute(candidates({ platformTouch }))).toEqual({ attributedBy: 'platform_click_id', ...platformTouch });
});

it('neither a promo code nor a name is a click', () => {
  for (const found of [{ promoCodeAffiliateId: AFFILIATE_ID }, { namedAffiliateId: AFFILIATE_ID }]) {
    expect(attribute(candidates(found))).not.toHaveProperty('clickedAt');
  }
});
