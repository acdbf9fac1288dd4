import { listParameters } from '../../shared/contracts/catalog.ts';
import { legalEntityChanges, legalEntityToCreate, viewLegalEntity } from '../../shared/contracts/legal-entities.ts';
import { storedTerms } from '../../shared/contracts/parties.ts';
import type { LegalEntity } from '../../shared/domain/tax/parties.ts';
import type { Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { conflict, notFound } from '../../shared/runtime/problems.ts';
import { listChanges, listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { changeBy } from './profiles.ts';

/** The companies of the network, in whose names documents are made: the operator makes and changes them, finance sees them. */
export function legalEntityHandlers({
  catalog,
  store: { legalEntities },
  clock,
  makeId,
}: ManageCatalogDependencies): Record<string, HttpHandler> {
  async function find(event: HttpEvent): Promise<Recorded<LegalEntity>> {
    const entity = await legalEntities.get(pathParameter(event, 'legalEntityId'));
    if (entity === undefined) throw notFound('There is no such legal entity.');
    return entity;
  }

  return {
    'GET /v1/legal-entities': async (event) => {
      await authenticate(catalog, event, ['operator', 'finance']);
      return listPage(['legal-entities'], query(event, listParameters), legalEntities.list, viewLegalEntity);
    },
    'POST /v1/legal-entities': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, legalEntityToCreate);
      const { isDefault: wanted, paymentTermDays, ...fields } = storedTerms(body);
      const isDefault = (await legalEntities.defaultEntity()) === undefined;
      if (wanted !== undefined && wanted !== isDefault) throw defaultIsFixed(isDefault);
      const now = clock();
      const entity: Recorded<LegalEntity> = {
        legalEntityId: makeId('ent'),
        ...fields,
        isDefault,
        paymentTermDays,
        createdAt: now,
        updatedAt: now,
      };
      if ((await legalEntities.create(entity, changeBy(party, body, now, makeId))) !== 'written') {
        throw conflict(
          'code-taken',
          `Another legal entity has the code ${body.code}, or was made at the same moment.`,
          {
            code: body.code,
          },
        );
      }
      return json(201, viewLegalEntity(entity));
    },
    'GET /v1/legal-entities/{legalEntityId}': async (event) => {
      await authenticate(catalog, event, ['operator', 'finance']);
      return json(200, viewLegalEntity(await find(event)));
    },
    'PATCH /v1/legal-entities/{legalEntityId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const { legalEntityId } = await find(event);
      const { code: _code, isDefault: _isDefault, ...body } = jsonBody(event, legalEntityChanges);
      const now = clock();
      await legalEntities.change(legalEntityId, storedTerms(body), now, changeBy(party, body, now, makeId));
      return json(200, viewLegalEntity(await find(event)));
    },
    'GET /v1/legal-entities/{legalEntityId}/changes': async (event) => {
      await authenticate(catalog, event, ['operator', 'finance']);
      const { legalEntityId } = await find(event);
      return listChanges(legalEntities, legalEntityId, query(event, listParameters));
    },
  };
}

const defaultIsFixed = (isDefault: boolean) =>
  conflict(
    'default-is-fixed',
    isDefault
      ? 'The first legal entity is the default one: its numbers bear no code.'
      : 'There is a default legal entity, and it never changes: its numbers bear no code.',
  );
