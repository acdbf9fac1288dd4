import type { Actor } from './actor.ts';
import { changeTerms, pauseCampaign, rotateClickKey, termsInOutage } from './catalog.ts';
import { closeMonth } from './close-month.ts';
import { convert } from './convert.ts';
import { correct } from './correct.ts';
import { decide, giveBack } from './decide.ts';
import { decideMany, importLeads } from './jobs.ts';
import { look, revokeKey } from './look.ts';
import { payOut } from './pay-out.ts';
import { reconcile, releaseHolds, resumeDeliveries } from './schedules.ts';
import { tell } from './tell.ts';
import { timePasses } from './time.ts';

/** Everybody who acts. A tape names them by their place here: new ones go to the end. */
export const ACTORS: readonly Actor[] = [
  convert,
  decide,
  releaseHolds,
  reconcile,
  changeTerms,
  pauseCampaign,
  rotateClickKey,
  timePasses,
  termsInOutage,
  decideMany,
  importLeads,
  closeMonth,
  look,
  revokeKey,
  correct,
  payOut,
  giveBack,
  tell,
  resumeDeliveries,
];
