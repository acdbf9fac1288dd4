import * as z from 'zod';
import {
  DECISIONS_KEPT_DAYS,
  DECISIONS_LIMIT_BYTES,
  decisionFileColumns,
  decisionLine,
  decisionsAccepted,
  decisionsQuery,
  decisionsStatus,
  MAX_DECISION_LINES,
} from './decisions.ts';
import { confirmRequest, decisionRequest, leadView, reverseRequest } from './leads.ts';
import { answer, csvText, jsonContent, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { decisionId, leadId } from './primitives.ts';

const leadPath = z.object({ leadId });
const moved = { 200: answer('The lead as it is now.', leadView) } as const;
const decides = { tag: 'Leads', access: ['operator', 'advertiser'], ownOnly: true } as const;

const csvExample = `leadId,action,reason\nlead_3q2-7wAAAAAAAAAAAAAAAA,reject,wrong_number`;
const ndjsonExample = '{"transactionId":"order-1","campaignId":"ext:shop","action":"confirm"}';

/** Decisions on leads, one by one and many at once. */
export const decisionOperations: Readonly<Record<OperationKey, Operation>> = {
  'POST /v1/leads/{leadId}/confirm': {
    ...decides,
    id: 'confirmLead',
    summary: 'Confirm a pending lead, or undo a rejection',
    description:
      'A rejection can be undone for as long after it as the terms of the lead give (`undoWindow`), at the price of those terms. What was rejected because nobody brought the lead, or another than it said, stays rejected.',
    path: leadPath,
    body: { ...jsonRequest(confirmRequest, { reason: 'customer reached' }), required: false },
    answers: moved,
    problems: {
      409: 'The lead cannot be confirmed: `not-allowed` in its status; `undo-over`, with the time `until` which it could be; `nothing-owed`; `transaction-taken`, with the lead that has the order (`heldBy`); `cap-reached`, with the cap as `reason`.',
    },
  },
  'POST /v1/leads/{leadId}/reject': {
    ...decides,
    id: 'rejectLead',
    summary: 'Reject a pending lead',
    path: leadPath,
    body: jsonRequest(decisionRequest, { reason: 'wrong_number' }),
    answers: moved,
    problems: { 409: 'A lead in this status cannot be moved there.' },
  },
  'POST /v1/leads/{leadId}/reverse': {
    ...decides,
    id: 'reverseLead',
    summary: 'Reverse a confirmed lead, or a part of it',
    description:
      'What was billed is credited in full; with `amount` that much of the charge and as large a part of the commission, and the lead stays confirmed until all of it is taken back. An advertiser is bound by the rules for returns in the terms of the lead: the reasons that count, the time after the confirmation, and the share of the leads confirmed of a month. The operator is not, and its reversals use up none of that share.',
    path: leadPath,
    body: jsonRequest(reverseRequest, { reason: 'returned' }),
    answers: moved,
    problems: {
      409: 'A lead in this status cannot be moved there; `too-much`: more than is left of it; `version-changed`; `too-many-parts`; or `return-refused`: `rule` names the rule of the terms, `reasons`, `within` or `maxShare`.',
    },
  },
  'POST /v1/leads/decisions': {
    ...decides,
    id: 'decideLeads',
    summary: 'Confirm, reject and reverse many leads at once',
    description: `Takes a JSON array, NDJSON, or CSV with a header, of at most ${MAX_DECISION_LINES} lines and ${DECISIONS_LIMIT_BYTES / 1024 ** 2} MiB. Each line names a lead by \`leadId\`, or by \`transactionId\` and \`campaignId\` (with its \`event\`, by default \`lead\`): then the lead is meant that holds the transaction, or else the claim of your pixel, or of the affiliate that \`affiliateId\` names. \`action\` is confirm, reject or reverse; the latter two need a \`reason\`, and a reversal of a part an \`amount\`. Columns: ${decisionFileColumns.all.map((name) => `\`${name}\``).join(', ')}.

Every line is decided by itself, as the request for that one lead would have been, and counts as made when it was accepted; a lead that is already where a line wants it is done. Bad lines are refused and hold up no other. The same upload within a day is the same decisions, known by the header \`Idempotency-Key\`, or else by what it holds.`,
    body: {
      required: true,
      content: {
        ...jsonContent(z.array(decisionLine), [
          { leadId: 'lead_3q2-7wAAAAAAAAAAAAAAAA', action: 'reject', reason: 'wrong_number' },
        ]),
        'text/csv': { schema: z.string(), example: csvExample },
        'application/x-ndjson': {
          schema: z.string().meta({ description: 'Objects such as DecisionLine, one a line' }),
          example: ndjsonExample,
        },
        'application/ndjson': { schema: z.string(), example: ndjsonExample },
      },
    },
    answers: {
      202: {
        ...answer('The lines are kept and are being worked off: ask for their state at `Location`.', decisionsAccepted),
        headers: z.object({ location: z.string() }),
      },
    },
    problems: {
      400: 'The body is not what its content type says, holds no line, or has a column that is unknown, missing or given twice.',
      409: 'The `Idempotency-Key` was sent with other decisions within the last day (`idempotency-key-reused`).',
    },
  },
  'GET /v1/decisions/{decisionId}': {
    ...decides,
    id: 'showDecisions',
    summary: 'See what came of many decisions',
    description: `Lines that wait to be worked off are left out, so that pages are whole once \`status\` is \`done\`. As CSV all lines come at once. Kept for ${DECISIONS_KEPT_DAYS} days.`,
    path: z.object({ decisionId }),
    query: decisionsQuery,
    answers: {
      200: {
        description: 'How far they are, and what came of each line.',
        content: { ...jsonContent(decisionsStatus), 'text/csv': { schema: csvText } },
      },
    },
  },
};

export const decisionSchemas = { DecisionLine: decisionLine, DecisionsStatus: decisionsStatus };
