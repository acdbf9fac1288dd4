import type { Lead } from './lead.ts';

/**
 * A lead without what a person wrote into its fields; undefined where there is nothing of it. What was found out about contact data stays,
 * and so does the verdict: but what rules said of the fields cannot be decided again.
 */
export function erasePersonalData(lead: Lead): Lead | undefined {
  const { signals } = lead.evidence;
  if (signals?.fields === undefined) return undefined;
  const { fields: _erased, ...kept } = signals;
  return { ...lead, version: lead.version + 1, evidence: { ...lead.evidence, signals: kept, erased: true } };
}
