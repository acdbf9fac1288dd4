import type { Correction } from '../correction.ts';
import { type CorrectionDecision, type CorrectionResult, decide } from './transition.ts';

/** Rejects a proposed correction: it never comes to anything. */
export function rejectCorrection(correction: Correction, decision: CorrectionDecision): CorrectionResult {
  return decide(correction, 'rejected', decision);
}
