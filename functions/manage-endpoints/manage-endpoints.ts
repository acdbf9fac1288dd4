import { listParameters } from '../../shared/contracts/catalog.ts';
import { endpointChanges, endpointToCreate } from '../../shared/contracts/endpoints.ts';
import { endpointId as endpointIdSchema } from '../../shared/contracts/primitives.ts';
import type { Dialect } from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Endpoint, EndpointStore, EndpointWriteResult, MessageLog } from '../../shared/ports/endpoints.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { originOf } from '../../shared/runtime/origin.ts';
import { conflict, invalidField, notFound } from '../../shared/runtime/problems.ts';
import type { createTryTold } from '../../shared/use-cases/try-told.ts';
import { listMessages } from './list-messages.ts';
import { readSetup } from './read-setup.ts';
import { changed, madeSecrets, references } from './set-up-endpoint.ts';
import { tryMessage } from './try-message.ts';
import { viewEndpoint } from './view-endpoint.ts';

export interface ManageEndpointsDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'advertiser' | 'campaign' | 'affiliate'>;
  readonly endpoints: EndpointStore;
  readonly log: Pick<MessageLog, 'list'>;
  readonly dialectOf: (name: DialectName) => Dialect;
  readonly tryTold: ReturnType<typeof createTryTold>;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** A text that nobody can guess. */
  readonly randomSecret: () => string;
}

/** Endpoints: the operator makes, changes, tries and removes them, and looks at what they were sent. */
export function createManageEndpoints(
  dependencies: ManageEndpointsDependencies,
): Readonly<Record<string, HttpHandler>> {
  const { catalog, endpoints, log, dialectOf, clock, makeId } = dependencies;

  const find = async (event: HttpEvent): Promise<Endpoint> => {
    const id = pathParameter(event, 'endpointId');
    const endpoint = endpointIdSchema.safeParse(id).success ? await endpoints.get(id) : undefined;
    if (endpoint === undefined) throw notFound('There is no such endpoint.');
    return endpoint;
  };

  const view = (event: HttpEvent, endpoint: Endpoint) =>
    viewEndpoint(endpoint, dialectOf(endpoint.dialect), originOf(event), clock());

  /** Reads, changes and writes. Throws 409 where it was changed meanwhile. */
  const change = async <Value>(event: HttpEvent, write: (endpoint: Endpoint) => Promise<Value>): Promise<Value> => {
    try {
      return await write(await find(event));
    } catch (error) {
      throw error instanceof VersionConflict
        ? conflict('changed-meanwhile', 'The endpoint was changed at the same moment: look at it, and try again.')
        : error;
    }
  };

  return {
    'GET /v1/endpoints': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const { limit, cursor } = query(event, listParameters);
      const scope = ['endpoints'];
      const page = await endpoints.list(limit, cursor === undefined ? undefined : readCursor(scope, cursor));
      return json(200, {
        items: page.items.map((endpoint) => view(event, endpoint)),
        nextCursor: page.position === undefined ? null : makeCursor(scope, page.position),
      });
    },
    'POST /v1/endpoints': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const { dialect: name, label, transactionPrefix, trust, domain, ...body } = jsonBody(event, endpointToCreate);
      const dialect = dialectOf(name);
      const setup = readSetup(dialect, {
        settings: body.settings ?? {},
        secrets: { ...madeSecrets(dependencies, dialect), ...body.secrets },
      });
      const now = clock();
      const endpoint: Endpoint = {
        endpointId: makeId('ep'),
        dialect: name,
        label,
        ...(await references(catalog, body)),
        ...setup,
        transactionPrefix,
        trust,
        domain,
        status: 'active',
        createdAt: now,
        updatedAt: now,
        version: 1,
      };
      refuseWithoutCampaign(endpoint);
      refuseTaken(await endpoints.create(endpoint), endpoint);
      return json(201, view(event, endpoint));
    },
    'GET /v1/endpoints/{endpointId}': async (event) => {
      await authenticate(catalog, event, ['operator']);
      return json(200, view(event, await find(event)));
    },
    'PATCH /v1/endpoints/{endpointId}': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const endpoint = await change(event, async (was) => {
        const body = jsonBody(event, endpointChanges);
        const next = await changed(dependencies, was, dialectOf(was.dialect), body, clock());
        refuseWithoutCampaign(next);
        refuseTaken(await endpoints.replace(was, next), next);
        return next;
      });
      return json(200, view(event, endpoint));
    },
    'DELETE /v1/endpoints/{endpointId}': async (event) => {
      await authenticate(catalog, event, ['operator']);
      await change(event, (endpoint) => endpoints.remove(endpoint));
      return { statusCode: 204, headers: { 'cache-control': 'no-store' } };
    },
    'GET /v1/endpoints/{endpointId}/messages': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const page = query(event, listParameters);
      return listMessages(log, await find(event), page);
    },
    'POST /v1/endpoints/{endpointId}/test': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const endpoint = await find(event);
      return json(200, await tryMessage(dependencies, event, endpoint, dialectOf(endpoint.dialect)));
    },
  };
}

function refuseWithoutCampaign({ dialect, campaignId }: Endpoint): void {
  if (dialect === 'form' && campaignId === undefined) {
    throw invalidField('campaign', 'must be given: a form is that of one campaign');
  }
}

function refuseTaken(result: EndpointWriteResult, { domain, campaignId }: Endpoint): void {
  const taken = (what: string, extra: Readonly<Record<string, unknown>>) =>
    conflict('endpoint-taken', `Another endpoint ${what}.`, extra);
  switch (result) {
    case 'written':
      return;
    case 'domain_taken':
      throw taken(`has the domain ${domain}`, { domain });
    case 'form_taken':
      throw taken('is the form of this campaign', { campaignId });
  }
}
