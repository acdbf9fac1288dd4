import type { Result } from '../../dialects/dialect.ts';

/** What is not known yet, in a word and in one for people. */
export interface WaitsFor {
  readonly because: 'no_lead' | 'no_campaign';
  readonly reason: string;
}

/**
 * What a refusal is only for as long as it is not known; undefined where it is the last word. Something may be taken back before it is told,
 * and the form of a platform be mapped to its campaign yet: the lead was acknowledged, and its platform does not send it again.
 */
export function waitsFor(result: Result): WaitsFor | undefined {
  if (result.kind !== 'refused') return undefined;
  const { told, code, errors } = result;
  switch (told.kind) {
    case 'return':
    case 'erasure':
      return code === 'unknown' ? { because: 'no_lead', reason: 'no lead holds it yet' } : undefined;
    case 'conversion':
      return told.report.source !== undefined &&
        (code === 'unknown' || errors.some(({ field }) => field === 'campaign_id'))
        ? { because: 'no_campaign', reason: errors.map(({ field, message }) => `${field} ${message}`).join('; ') }
        : undefined;
    default:
      return undefined;
  }
}
