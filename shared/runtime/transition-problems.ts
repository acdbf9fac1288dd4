import type { LineFault } from '../domain/decisions/decisions.ts';
import { reasons } from '../domain/leads/reasons.ts';
import type { TransitionFault } from '../domain/leads/transitions/transition.ts';
import { formatAmount } from '../domain/money/money.ts';
import { conflict, type HttpProblem, invalid, notFound } from './problems.ts';

/** What the sender of a decision is told that cannot be made. */
export function problemOfTransition(fault: Exclude<TransitionFault, { fault: 'already' }>): HttpProblem {
  switch (fault.fault) {
    case 'not_allowed':
      return conflict('not-allowed', `A lead that is ${fault.status} cannot be moved there.`, {
        leadStatus: fault.status,
      });
    case 'key_taken':
      return conflict(
        'transaction-taken',
        'Another lead stands for the same already: it was confirmed, or still may be.',
        {
          heldBy: fault.heldBy,
        },
      );
    case 'nothing_owed':
      return conflict(
        'nothing-owed',
        `A lead that was rejected as ${fault.reason ?? 'unattributed'} has nobody to pay and no price: this rejection cannot be undone.`,
        { leadStatus: fault.status, reason: fault.reason },
      );
    case 'undo_over':
      return conflict(
        'undo-over',
        fault.until === undefined
          ? 'The terms of the lead let no rejection be undone.'
          : `This rejection could be undone until ${fault.until}.`,
        { leadStatus: fault.status, until: fault.until },
      );
    case 'cap_reached':
      return conflict('cap-reached', reasons[fault.reason], { leadStatus: fault.status, reason: fault.reason });
    case 'version_changed':
      return conflict('version-changed', `The lead is at version ${fault.version}: look at it, and send that.`, {
        leadStatus: fault.status,
        version: fault.version,
      });
    case 'too_much':
      return conflict(
        'too-much',
        `Of this lead ${formatAmount(fault.leftMinor, fault.currency)} ${fault.currency} can be taken back.`,
        { leadStatus: fault.status, left: formatAmount(fault.leftMinor, fault.currency), currency: fault.currency },
      );
    case 'too_many_parts':
      return conflict(
        'too-many-parts',
        `Of this lead ${fault.most} parts were taken back, as many as may be: take back all that is left.`,
        { leadStatus: fault.status },
      );
    case 'return_refused':
      return returnRefused(fault.broken);
  }
}

function returnRefused(broken: Extract<TransitionFault, { fault: 'return_refused' }>['broken']): HttpProblem {
  const refused = (detail: string, extra: Readonly<Record<string, unknown>>) =>
    conflict('return-refused', detail, { leadStatus: 'confirmed', rule: broken.rule, ...extra });
  switch (broken.rule) {
    case 'reasons':
      return refused(`The terms of the lead know these reasons for a return: ${broken.allowed.join(', ')}.`, {
        allowed: broken.allowed,
      });
    case 'within':
      return refused(`This lead could be returned until ${broken.until}.`, { until: broken.until });
    case 'maxShare':
      return refused(
        `Of the leads confirmed of ${broken.month} ${broken.maxSharePercent}% may be returned: ${broken.allowed}, and as many were.`,
        { maxShare: broken.maxSharePercent, month: broken.month, allowed: broken.allowed.toString() },
      );
  }
}

/** What is said of a line that was refused: what the request for this one lead would have been answered. */
export function problemOfLine(fault: LineFault): HttpProblem {
  switch (fault.fault) {
    case 'bad_line':
      return invalid(
        fault.errors.map((error) => {
          const [field = '', ...message] = error.split(': ');
          return { field, message: message.join(': ') };
        }),
      );
    case 'no_such_lead':
      return notFound('leadId' in fault.lead ? 'There is no such lead.' : NOT_BY_TRANSACTION);
    default:
      return problemOfTransition(fault);
  }
}

const NOT_BY_TRANSACTION =
  'No lead holds this transaction in the campaign. Name the claim of an affiliate by its affiliateId too, and a lead that its campaign ' +
  'does not tell by transaction by its leadId.';
