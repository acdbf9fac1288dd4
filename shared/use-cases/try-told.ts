import type { Result, Told } from '../dialects/dialect.ts';
import { judgeLead } from '../domain/leads/decide-lead.ts';
import { createReadSignals, type ReadSignalsDependencies } from './read-signals.ts';
import { type ResolveConversionDependencies, resolveConversion } from './record-conversion/resolve-conversion.ts';
import { messageOf, refusal, resolveReport, type ToldTo } from './take-told/resolve-report.ts';
import {
  CONFLICT,
  findToldLead,
  isForSender,
  isOfAnother,
  NO_LEAD,
  REFUSED_AS,
  type TakeToldDependencies,
} from './take-told.ts';
import { createVelocityInMemory } from './velocity-in-memory.ts';

export interface TryToldDependencies
  extends Omit<ResolveConversionDependencies, 'readSignals'>,
    Omit<ReadSignalsDependencies, 'velocity'>,
    Pick<TakeToldDependencies, 'findLead' | 'digest'> {}

type Triable = Extract<Told, { kind: 'conversion' | 'return' | 'erasure' | 'test' }>;

/**
 * Tells what would become of what an endpoint is told; nothing is written. Caps are not looked at, and what rules count begins at nothing.
 * Throws StoreUnavailable.
 */
export function createTryTold(dependencies: TryToldDependencies): (to: ToldTo, told: Triable) => Promise<Result> {
  const deciding = {
    ...dependencies,
    readSignals: createReadSignals({ ...dependencies, velocity: createVelocityInMemory() }),
  };
  return async (to, told) => {
    const resolved = await resolveReport(dependencies, to, told.report);
    if ('code' in resolved) return { kind: 'refused', told, ...resolved };
    const known = await findToldLead(dependencies, resolved);
    if (known !== undefined && isForSender(known) && told.kind !== 'test') {
      if (await isOfAnother({ ...dependencies, to, resolved }, known, told))
        return { kind: 'refused', told, ...CONFLICT };
    }
    if (told.kind === 'return' || told.kind === 'erasure') {
      if (known === undefined) return { kind: 'refused', told, ...NO_LEAD };
      const status = told.kind === 'erasure' ? 'erased' : known.status === 'confirmed' ? 'reversed' : 'rejected';
      return { kind: 'taken', told, status };
    }
    const status = told.kind === 'test' ? 'open' : told.status;
    if (known !== undefined && (status === 'open' || status === 'pending')) {
      return { kind: 'taken', told, status: 'duplicate', reason: 'duplicate_transaction' };
    }
    const defers = status === 'opt_in' ? 'opt_in' : status === 'open' ? undefined : 'defers';
    const decided = await resolveConversion(deciding, messageOf(to, resolved, defers));
    if ('kind' in decided) {
      return { kind: 'refused', told, ...refusal(REFUSED_AS[decided.status], decided.field, decided.message) };
    }
    const { verdict } = judgeLead(decided.inputs);
    if (to.trusted && verdict.status === 'pending' && status === 'approved')
      return { kind: 'taken', told, status: 'confirmed' };
    if (to.trusted && verdict.status === 'pending' && status === 'declined') {
      return { kind: 'taken', told, status: 'rejected', reason: 'declined' };
    }
    return { kind: 'taken', told, status: verdict.status, reason: 'reason' in verdict ? verdict.reason : undefined };
  };
}

/** What a test is answered: what would become of it is the reason that is shown. */
export const asTest = (would: Result): Result =>
  would.kind === 'taken' ? { ...would, status: 'test', reason: would.reason ?? would.status } : would;
