import type { Conversion, ConversionMessage } from '../../contracts/postback.ts';
import type { Report, Result } from '../../dialects/dialect.ts';
import { amountIn } from '../../dialects/values.ts';
import type { Campaign } from '../../domain/catalog/campaign.ts';
import { readClickId } from '../../domain/clicks/click-id.ts';
import { type Instant, millisecondsOf } from '../../domain/time/calendar.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ClickSecrets } from '../../ports/crypto.ts';
import type { Endpoint } from '../../ports/endpoints.ts';
import { withReceiptInLink } from './opt-in-link.ts';
import { readReport, referencesOf } from './read-report.ts';

export interface ResolveReportDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliate'>;
  readonly clickSecrets: () => Promise<ClickSecrets>;
}

/** What an endpoint was told, with what is known of the message that told it. */
export interface ToldTo {
  readonly endpoint: Endpoint;
  readonly receivedAt: Instant;
  /** Of this one thing; begins with the time of the conversion, see `occurredAtOf`. */
  readonly receiptId: string;
  /** Whether the sender's word counts. */
  readonly trusted: boolean;
}

/** A report of which it is known for which campaign it is, and from whom. */
export interface ResolvedReport {
  readonly campaign: Campaign;
  readonly conversion: Conversion;
  readonly occurredAt: Instant;
}

/** Why what was told is refused. */
export type Refused = Pick<Extract<Result, { kind: 'refused' }>, 'code' | 'errors'>;

export const refusal = (code: Refused['code'], field: string, message: string): Refused => ({
  code,
  errors: [{ field, message }],
});

const MAX_AGE_MS = 366 * 86_400_000;

/** When a conversion counts: when its sender says that it happened, never later than it was told. */
export const occurredAtOf = ({ occurredAt }: Report, receivedAt: Instant): Instant =>
  occurredAt === undefined || occurredAt > receivedAt ? receivedAt : occurredAt;

/** Finds out what a report is about. Throws StoreUnavailable. */
export async function resolveReport(
  { catalog, clickSecrets }: ResolveReportDependencies,
  { endpoint, receivedAt }: Pick<ToldTo, 'endpoint' | 'receivedAt'>,
  report: Report,
): Promise<ResolvedReport | Refused> {
  const { mapping, advertiserId, campaignId, affiliateId } = endpoint;
  const { clickMac } = await clickSecrets();
  const read = readReport(report, endpoint, (click) => readClickId(click, clickMac).ok);
  if (!read.ok) return { code: 'invalid', errors: read.errors };
  const occurredAt = occurredAtOf(report, receivedAt);
  if (millisecondsOf(receivedAt) - millisecondsOf(occurredAt) > MAX_AGE_MS) {
    return refusal('invalid', 'occurred_at', 'must be within the last 366 days');
  }

  const { conversion } = read;
  const { clickId, clickRef, platformClickIds, promoCode } = conversion;
  const click = clickId === undefined ? undefined : readClickId(clickId, clickMac);
  const campaigns = campaignId === undefined ? referencesOf(read.campaign, mapping.campaigns, 'cmp') : [campaignId];
  const ofClick = campaignId === undefined && click?.ok ? [click.click.campaignId] : [];
  const campaign = await firstKnown([...campaigns, ...ofClick], async (reference) => {
    const found = await catalog.campaign(reference);
    return advertiserId === undefined || found?.advertiserId === advertiserId ? found : undefined;
  });
  if (campaign === undefined) {
    return read.campaign === undefined && campaignId === undefined
      ? refusal('invalid', 'campaign_id', 'must be given: by the sender, or as the campaign of the endpoint')
      : refusal('unknown', 'campaign_id', 'is not known: map it in the endpoint, or give a campaign this externalId');
  }

  const affiliates =
    affiliateId === undefined ? referencesOf(read.affiliate, mapping.affiliates, 'aff') : [affiliateId];
  const affiliate = await firstKnown(affiliates, (reference) => catalog.affiliate(reference));
  const namesSource = [clickId, clickRef, platformClickIds[0], promoCode].some((named) => named !== undefined);
  if (affiliate === undefined && read.affiliate !== undefined && !namesSource) {
    return refusal(
      'unknown',
      'affiliate_id',
      'is not known: map it in the endpoint, or give an affiliate this externalId',
    );
  }
  const { amount, currency = campaign.currency } = conversion;
  return {
    campaign,
    occurredAt,
    conversion: {
      ...conversion,
      // Senders write more decimals than a currency has: their conversion must not be lost over it.
      amount: amount === undefined ? undefined : amountIn(amount, currency),
      campaign: campaign.campaignId,
      affiliate: affiliate?.affiliateId,
    },
  };
}

async function firstKnown<Entity>(
  references: readonly string[],
  find: (reference: string) => Promise<Entity | undefined>,
): Promise<Entity | undefined> {
  for (const reference of references) {
    const entity = await find(reference);
    if (entity !== undefined) return entity;
  }
  return undefined;
}

/** The message that a report is recorded as: its sender speaks for the advertiser of the campaign. */
export function messageOf(
  { endpoint, receivedAt, receiptId, trusted }: ToldTo,
  { campaign, conversion, occurredAt }: ResolvedReport,
  defers?: ConversionMessage['defers'],
): ConversionMessage {
  const { advertiserId } = campaign;
  const party = { role: 'advertiser' as const, kid: endpoint.endpointId, advertiserId, pixelOnly: !trusted };
  const said = defers === 'opt_in' ? withReceiptInLink(conversion, receiptId) : conversion;
  return { kind: 'postback', receiptId, receivedAt, occurredAt, party, conversion: said, defers };
}
