import type * as z from 'zod';
import {
  methodApproval,
  methodRejection,
  payoutMethods,
  payoutMethodToPut,
  readMethod,
} from '../../shared/contracts/payouts.ts';
import {
  type PayoutProfile,
  type ProfileChange,
  putProfile,
  REVIEW_DAYS,
  type ReviewFault,
  reviewProposal,
} from '../../shared/domain/payouts/profile.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import type { PayoutProfiles } from '../../shared/ports/payouts.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  jsonBody,
  pathParameter,
} from '../../shared/runtime/http.ts';
import { conflict, forbidden, type HttpProblem, notFound } from '../../shared/runtime/problems.ts';
import { isOwn } from '../../shared/runtime/scope.ts';
import { mayReadWhole, type PayoutParty, viewMethod } from './view-method.ts';

export interface PayoutMethodDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'affiliate'>;
  readonly profiles: PayoutProfiles;
  readonly clock: Clock;
}

const SHOWN_CHANGES = 20;
const STAFF_TERMS = ['threshold', 'hold', 'netTerms'] as const;

/**
 * How affiliates are paid. Whoever may, proposes where the money goes; another key of operator or finance approves it, or a week does.
 * Nobody is paid meanwhile.
 */
export function payoutMethodHandlers({
  catalog,
  profiles,
  clock,
}: PayoutMethodDependencies): Record<string, HttpHandler> {
  async function affiliateIn(event: HttpEvent, party: PayoutParty): Promise<string> {
    const affiliate = await catalog.affiliate(pathParameter(event, 'affiliateId'));
    if (affiliate === undefined || !isOwn(party, affiliate)) throw notFound('There is no such affiliate.');
    return affiliate.affiliateId;
  }

  async function show(affiliateId: string, party: PayoutParty): Promise<HttpResult> {
    const now = clock();
    const methods = await Promise.all(
      (await profiles.of(affiliateId)).map(async (profile) =>
        viewMethod(
          profile,
          await profiles.history(affiliateId, profile.currency, SHOWN_CHANGES),
          now,
          mayReadWhole(party),
        ),
      ),
    );
    return json(200, payoutMethods.parse({ affiliateId, methods }));
  }

  async function review(
    event: HttpEvent,
    action: 'approved' | 'rejected',
    schema: typeof methodApproval | typeof methodRejection,
  ): Promise<HttpResult> {
    const party = await authenticate(catalog, event, ['operator', 'finance']);
    const affiliateId = await affiliateIn(event, party);
    const body: z.output<typeof methodRejection> = jsonBody(event, schema);
    const { currency, version, reason } = body;
    const before = await profiles.get(affiliateId, currency);
    if (before === undefined) throw notFound(`The affiliate has no payout method in ${currency}.`);
    const change = reviewProposal(before, { action, version, reason }, { role: party.role, kid: party.kid }, clock());
    if ('fault' in change) throw refusalOf(change.fault, before);
    await write(profiles, change);
    return show(affiliateId, party);
  }

  return {
    'GET /v1/affiliates/{affiliateId}/payout-method': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'affiliate']);
      return show(await affiliateIn(event, party), party);
    },
    'PUT /v1/affiliates/{affiliateId}/payout-method': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'affiliate']);
      const affiliateId = await affiliateIn(event, party);
      const body = jsonBody(event, payoutMethodToPut);
      if (party.role === 'affiliate') refuseTerms(body);
      const { currency } = body;
      const before = await profiles.get(affiliateId, currency);
      const by = { role: party.role, kid: party.kid };
      const change = putProfile(before, { affiliateId, currency, ...readMethod(body) }, by, clock());
      if (change !== undefined) await write(profiles, change);
      return show(affiliateId, party);
    },
    'POST /v1/affiliates/{affiliateId}/payout-method/approve': (event) => review(event, 'approved', methodApproval),
    'POST /v1/affiliates/{affiliateId}/payout-method/reject': (event) => review(event, 'rejected', methodRejection),
  };
}

/** An affiliate says where its money goes, not when. */
function refuseTerms(body: z.output<typeof payoutMethodToPut>): void {
  const given = STAFF_TERMS.filter((field) => body[field] !== undefined);
  if (given.length === 0) return;
  throw forbidden(
    `${given.join(', ')}: set by the network.`,
    given.map((field) => ({ field, message: 'must be left out: it is set by the network' })),
  );
}

async function write(profiles: PayoutProfiles, change: ProfileChange): Promise<void> {
  try {
    await profiles.change(change);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    throw conflict('changed-meanwhile', 'The payout method was changed at the same moment: look at it, and try again.');
  }
}

function refusalOf(fault: ReviewFault, { version }: PayoutProfile): HttpProblem {
  switch (fault) {
    case 'other_version':
      return conflict('other-version', `The payout method has version ${version} by now: look at it, and try again.`, {
        version,
      });
    case 'nothing_proposed':
      return conflict('nothing-proposed', 'No change of this payout method waits for review.', { version });
    case 'own_proposal':
      return forbidden(
        `A key does not approve what it proposed itself: this needs another key, or ${REVIEW_DAYS} days.`,
      );
  }
}
