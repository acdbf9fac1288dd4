import type { Stage } from '../actors/actor.ts';
import { judgeAnswers } from './answers.ts';
import { judgeBilling } from './billing.ts';
import { readBooks } from './books.ts';
import { judgeCaps } from './caps.ts';
import { judgeCorrections } from './corrections.ts';
import { judgeDecisions } from './decisions.ts';
import { judgeDeliveries } from './deliveries.ts';
import { judgeJobs } from './jobs.ts';
import { judgeJournal } from './journal.ts';
import { judgeLeads } from './leads.ts';
import { judgePayouts } from './payouts.ts';
import { judgeRepeats } from './repeats.ts';
import { judgeRollups } from './rollups.ts';
import { judgeSettlements } from './settlements.ts';
import { judgeTold } from './told.ts';
import { judgeWorkers } from './workers.ts';

/** What must never be and is, in a sentence, once everything has come to rest; undefined where all is well. */
export function judge(stage: Stage): string | undefined {
  const books = readBooks(stage.world.engine);
  return (
    judgeWorkers(stage) ??
    judgeLeads(stage, books) ??
    judgeRepeats(stage, books) ??
    judgeAnswers(stage, books) ??
    judgeTold(stage, books) ??
    judgeDecisions(stage, books) ??
    judgeJobs(stage, books) ??
    judgeJournal(stage, books) ??
    judgeCaps(stage, books) ??
    judgeCorrections(stage, books) ??
    judgePayouts(stage, books) ??
    judgeSettlements(stage, books) ??
    judgeBilling(stage, books) ??
    judgeRollups(stage, books) ??
    judgeDeliveries(stage, books)
  );
}
