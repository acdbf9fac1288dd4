import type * as z from 'zod';
import type { endpointChanges, endpointToCreate } from '../../shared/contracts/endpoints.ts';
import type { Dialect } from '../../shared/dialects/dialect.ts';
import { previousSecretsAfter } from '../../shared/domain/endpoints/previous-secrets.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';
import { invalidField, notFound } from '../../shared/runtime/problems.ts';
import type { ManageEndpointsDependencies } from './manage-endpoints.ts';
import { readSetup } from './read-setup.ts';

/** Secrets that an endpoint cannot be without, and that nobody else needs. */
export const madeSecrets = ({ randomSecret }: ManageEndpointsDependencies, { madeSecrets: names = [] }: Dialect) =>
  Object.fromEntries(names.map((name) => [name, randomSecret()]));

type Body = Pick<z.output<typeof endpointToCreate>, 'advertiser' | 'campaign' | 'affiliate' | 'mapping'>;

/** The ids behind what a body names. Throws 404 where one is not there, 400 where the campaign is not the advertiser's. */
export async function references(
  catalog: ManageEndpointsDependencies['catalog'],
  { advertiser, campaign, affiliate, mapping = {} }: Body,
): Promise<Pick<Endpoint, 'advertiserId' | 'campaignId' | 'affiliateId' | 'mapping'>> {
  const { campaigns = {}, affiliates = {}, events = {}, fields = {} } = mapping;
  const findCampaign = async (reference: string, field: string) => {
    const found = await catalog.campaign(reference);
    if (found === undefined) throw unknownIn(field, 'campaign');
    return found;
  };
  const findAffiliate = async (reference: string, field: string) => {
    const found = await catalog.affiliate(reference);
    if (found === undefined) throw unknownIn(field, 'affiliate');
    return found.affiliateId;
  };
  await Promise.all([
    ...Object.entries(campaigns).map(([name, reference]) => findCampaign(reference, `mapping.campaigns.${name}`)),
    ...Object.entries(affiliates).map(([name, reference]) => findAffiliate(reference, `mapping.affiliates.${name}`)),
  ]);
  const bound = advertiser === undefined ? undefined : await catalog.advertiser(advertiser);
  if (advertiser !== undefined && bound === undefined) throw unknownIn('advertiser', 'advertiser');
  const only = campaign === undefined ? undefined : await findCampaign(campaign, 'campaign');
  if (bound !== undefined && only !== undefined && only.advertiserId !== bound.advertiserId) {
    throw invalidField('campaign', 'must be one of the advertiser that the endpoint speaks for');
  }
  return {
    advertiserId: bound?.advertiserId,
    campaignId: only?.campaignId,
    affiliateId: affiliate === undefined ? undefined : await findAffiliate(affiliate, 'affiliate'),
    mapping: { campaigns, affiliates, events, fields },
  };
}

const unknownIn = (field: string, kind: string) =>
  notFound(`There is no such ${kind}.`, [{ field, message: 'must be the id of one that is there' }]);

/** An endpoint after a change: null takes away, and of secrets and settings only those named change. */
export async function changed(
  dependencies: ManageEndpointsDependencies,
  was: Endpoint,
  dialect: Dialect,
  body: z.output<typeof endpointChanges>,
  now: Instant,
): Promise<Endpoint> {
  const keep = <Value>(change: unknown, value: Value, before: Value): Value => (change === undefined ? before : value);
  const named = await references(dependencies.catalog, {
    advertiser: keep(body.advertiser, body.advertiser ?? undefined, was.advertiserId),
    campaign: keep(body.campaign, body.campaign ?? undefined, was.campaignId),
    affiliate: body.affiliate ?? undefined,
    mapping: body.mapping ?? undefined,
  });
  const without = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
  const setup = readSetup(dialect, {
    settings: without({ ...was.settings, ...body.settings }),
    // One that is taken away is made anew.
    secrets: { ...madeSecrets(dependencies, dialect), ...without({ ...was.secrets, ...body.secrets }) },
  });
  return {
    ...was,
    label: keep(body.label, body.label ?? undefined, was.label),
    advertiserId: named.advertiserId,
    campaignId: named.campaignId,
    affiliateId: keep(body.affiliate, named.affiliateId, was.affiliateId),
    mapping: keep(body.mapping, named.mapping, was.mapping),
    ...setup,
    previousSecrets: body.forgetPrevious === true ? [] : previousOf(was, dialect, setup, now),
    transactionPrefix: keep(body.transactionPrefix, body.transactionPrefix ?? undefined, was.transactionPrefix),
    trust: keep(body.trust, body.trust ?? undefined, was.trust),
    domain: keep(body.domain, body.domain ?? undefined, was.domain),
    status: body.status ?? was.status,
    updatedAt: now,
    version: was.version + 1,
  };
}

/** The secrets by which the sender may still prove itself. What proves nobody is changed on one side alone. */
function previousOf(
  was: Endpoint,
  { madeSecrets: made = [], shownSecrets: shown = [] }: Dialect,
  { secrets }: Pick<Endpoint, 'secrets'>,
  now: Instant,
): Endpoint['previousSecrets'] {
  const proofs = Object.entries(was.secrets).filter(([name]) => !made.includes(name) && !shown.includes(name));
  return previousSecretsAfter({ ...was, secrets: Object.fromEntries(proofs) }, secrets, now);
}
