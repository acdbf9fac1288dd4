import type { Instant } from '../../time/calendar.ts';
import type { Correction } from '../correction.ts';

/** Which key decides on a correction, and when. */
export interface CorrectionDecision {
  readonly kid: string;
  readonly at: Instant;
  readonly reason?: string | undefined;
}

export type CorrectionResult =
  /** `changed`: false where it stood so before. */
  | { readonly ok: true; readonly correction: Correction; readonly changed: boolean }
  /** `own`: the key is the one that proposed it; `decided`: it was decided otherwise. */
  | { readonly ok: false; readonly fault: 'own' | 'decided'; readonly correction: Correction };

/** Decides on a proposed correction, by another key than the one that proposed it, whatever its role. The same again changes nothing. */
export function decide(
  correction: Correction,
  status: 'approved' | 'rejected',
  { kid, at, reason }: CorrectionDecision,
): CorrectionResult {
  if (kid === correction.proposedBy) return { ok: false, fault: 'own', correction };
  if (correction.status === status) return { ok: true, correction, changed: false };
  if (correction.status !== 'proposed') return { ok: false, fault: 'decided', correction };
  const decided = { ...correction, status, decidedBy: kid, decidedAt: at, decisionReason: reason };
  return { ok: true, correction: decided, changed: true };
}
