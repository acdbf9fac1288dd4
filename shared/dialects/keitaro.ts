import { faultOf, textAnswer } from './answering.ts';
import { plainAnswer, postbackDialect, type SenderStatus } from './postback.ts';
import { type Given, valueIn } from './reading.ts';

const STATUS_LISTS = [
  ['sale', 'approved'],
  ['rebill', 'approved'],
  ['lead', 'pending'],
  ['rejected', 'declined'],
] as const satisfies readonly (readonly [string, SenderStatus])[];

const MAX_RETURN_CHARACTERS = 64;

/**
 * Postbacks of affiliate networks as Keitaro takes them. Source: docs.keitaro.io, "Postback", "Affiliate network postback". What it answers
 * without `return` is not documented.
 */
export const keitaro = postbackDialect({
  name: 'keitaro',
  title: 'Keitaro',
  paths: ['{postbackKey}/postback', 'postback'],
  names: {
    click: ['subid', 'sub_id'],
    campaign: ['campaign_id'],
    parameters: {
      transaction_id: ['tid'],
      amount: ['payout', 'revenue'],
      currency: ['currency'],
    },
    apart: ['return', 'ignore_status', 'ignore', 'rejected', ...STATUS_LISTS.map(([word]) => `${word}_status`)],
  },
  token: {
    name: 'postback_key',
    described: 'The key before /postback in the URL: where it is set, every postback must come there.',
    inPath: true,
  },
  words: { rebill: 'approved' },
  // The second payment of a player is `tid=2`, and so is that of every other one.
  numberedByClick: true,
  refine(told, given) {
    const word = valueIn(given, 'status')?.toLowerCase();
    if (word === undefined) return told;
    if (listed(given, 'ignore_status', 'ignore').includes(word))
      return { kind: 'ignored', id: told.id, reason: 'the postback says that this status is ignored' };
    const mapped = STATUS_LISTS.find(([name]) =>
      listed(given, `${name}_status`, ...(name === 'rejected' ? [name] : [])).includes(word),
    );
    return mapped === undefined ? told : { ...told, status: mapped[1] };
  },
  answer(summary, given) {
    const fault = faultOf(summary);
    if (fault !== undefined && fault !== 'duplicate') return plainAnswer(summary);
    const text = (valueIn(given, 'return') ?? 'Success').slice(0, MAX_RETURN_CHARACTERS);
    return textAnswer(200, text);
  },
  sample: {
    path: 'postback',
    parameters: { subid: '3sh8so4er3', status: 'sale', payout: '25.00', currency: 'EUR', tid: '1' },
  },
});

/** The words of a list such as `sale_status=billed,paid`, in lower case. */
const listed = (given: Given, ...names: readonly string[]): readonly string[] =>
  (valueIn(given, ...names) ?? '').split(',').map((word) => word.trim().toLowerCase());
