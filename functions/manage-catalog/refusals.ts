import type { WriteResult } from '../../shared/ports/catalog-store.ts';
import { conflict, type HttpProblem, invalidField, notFound } from '../../shared/runtime/problems.ts';

/** Throws 409 where an external id is another entity's. */
export function refuseTaken(result: WriteResult, kind: string, externalId: string | null | undefined): void {
  if (result === 'external_id_taken') {
    throw conflict('external-id-taken', `Another ${kind} has the externalId ${externalId}.`, { externalId });
  }
}

/** 404 for what a body names and is not there. */
export const unknownIn = (field: string, kind: string): HttpProblem =>
  notFound(`There is no such ${kind}.`, [{ field, message: `must be the id of one that is there` }]);

/** 400 for a version that would begin before it can be known everywhere. */
export const startsTooEarly = (earliest: string): HttpProblem =>
  invalidField('effectiveFrom', `must be ${earliest} or later, or left out`);

/** 409 for a version that is there: versions are never edited. */
export const versionExists = (effectiveFrom: string): HttpProblem =>
  conflict('version-exists', `There is a version effective from ${effectiveFrom}, and versions are never edited.`, {
    effectiveFrom,
  });

/** 409 where all versions, which are read together, would be too large with another. */
export const termsTooLarge = (limitBytes: number): HttpProblem =>
  conflict(
    'terms-too-large',
    `All versions of the terms may have at most ${limitBytes.toLocaleString('en')} bytes together: shorten lists, or go on with a new campaign.`,
  );

/** 409 where there is no room for another version. */
export const tooManyVersions = (limit: number): HttpProblem =>
  conflict('too-many-versions', `There are ${limit} versions already, as many as there may be.`);
