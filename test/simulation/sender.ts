import * as z from 'zod';
import type { Answer, Dialect, Outcome, RawMessage, Result, Told } from '../../shared/dialects/dialect.ts';

/** What became of one thing that was told, as senders are answered here. */
export interface Answered {
  readonly kind: Result['kind'];
  readonly status?: string;
  readonly code?: string;
  readonly receiptId?: string;
  readonly leadId?: string;
}

/** What a platform is asked for by a notice: the lead that it has of an order. */
export interface Notice {
  readonly order: string;
  readonly campaign: string;
  readonly affiliate: string;
}

const PLATFORM = 'https://platform.example/leads';

/**
 * How senders speak here: what they tell, as it is, with a token where their endpoint has one. How real senders say the same is tried with
 * their dialects; here it would only take time.
 */
export const plainDialect: Dialect = {
  name: 'affise',
  title: 'Plain',
  paths: [],
  secrets: z.object({}),
  settings: z.object({}),
  verify(message, { secrets: { token } }) {
    if (token === undefined) return { ok: true, by: 'nothing', message };
    return message.headers['authorization'] === `Bearer ${token}`
      ? { ok: true, by: 'token', message }
      : { ok: false, reason: 'another token' };
  },
  read: ({ body }) => ({ kind: 'told', told: JSON.parse(Buffer.from(body).toString()) as readonly Told[] }),
  answer,
  sample: (): RawMessage => {
    throw new Error('nobody asks for a sample');
  },
  fetch: {
    request: (about) => ({ url: `${PLATFORM}?${new URLSearchParams(about)}`, headers: {} }),
    read: ({ status, body }) =>
      status === 200
        ? { kind: 'told', told: JSON.parse(Buffer.from(body).toString()) }
        : { kind: 'later', reason: `the platform answered ${status}` },
  },
};

function answer(outcome: Outcome): Answer {
  const headers = { 'content-type': 'application/json' };
  if (outcome.kind === 'results') {
    const results = outcome.results.map((result): Answered => {
      const { kind, receiptId } = result;
      return kind === 'taken'
        ? { kind, receiptId, status: result.status, leadId: result.leadId }
        : { kind, receiptId, code: result.code };
    });
    return { status: 200, headers, body: JSON.stringify({ results }) };
  }
  return { status: outcome.kind === 'unavailable' ? 503 : 401, headers, body: '{}' };
}

/** What the platform has of the lead that it is asked for. */
export function platformLead(url: string): Told {
  const { order, campaign, affiliate } = Object.fromEntries(new URL(url).searchParams) as unknown as Notice;
  return { kind: 'conversion', id: order, status: 'open', report: reportOf(order, campaign, affiliate) };
}

/** An order as its sender names it. */
export const reportOf = (transaction_id: string, campaign: string, affiliate?: string, amount?: string) => ({
  campaign,
  ...(affiliate !== undefined && { affiliate }),
  parameters: { transaction_id, ...(amount !== undefined && { amount }) },
  fields: {},
});
