import type { Correction } from '../correction.ts';
import { type CorrectionDecision, type CorrectionResult, decide } from './transition.ts';

/** Approves a proposed correction: from now on it calls for its entry. */
export function approveCorrection(correction: Correction, decision: CorrectionDecision): CorrectionResult {
  return decide(correction, 'approved', decision);
}
