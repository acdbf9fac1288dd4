import type { Told } from '../../../shared/dialects/dialect.ts';
import { AFFILIATES, CAMPAIGNS, ENDPOINTS } from '../network.ts';
import { reportOf } from '../sender.ts';
import { type Actor, pick } from './actor.ts';

/** What an order is worth: whoever gives it back gives back a part of this. */
export const WORTH = '30.00';
/** What some orders are worth while their sender has not decided on them. */
const EARLIER_WORTH = '20.00';

type Word = 'open' | 'pending' | 'approved' | 'declined';
type Chapter = Word | 'erasure' | 'notice' | 'whole' | `refund ${string}`;

/** What senders tell of an order, in the order in which it happened. */
const STORIES: readonly (readonly Chapter[])[] = [
  ['approved', 'declined'],
  ['pending', 'approved', 'declined'],
  ['pending', 'declined', 'approved'],
  ['declined', 'approved', 'declined', 'approved'],
  ['open', 'whole'],
  ['open', 'refund 10.00', 'refund 10.00', 'refund 10.00'],
  ['approved', 'refund 0.01', 'refund 7.77', 'refund 11.11'],
  ['refund 12.50', 'open'],
  ['whole', 'approved'],
  ['approved', 'refund 12.34', 'whole'],
  ['approved', 'refund 20.00', 'refund 20.00'],
  ['approved', 'refund 40.00'],
  ['pending', 'refund 9.99', 'approved', 'refund 9.99'],
  ['approved', 'erasure'],
  ['notice'],
  ['notice', 'refund 3.33', 'refund 3.33'],
  ['notice', 'approved', 'declined'],
];
const GAPS_MS = [100, 0, 3_000, 90_000, 26 * 3_600_000, 32 * 86_400_000] as const;
/** In turn; all at once; the last first; all in one message. */
const MANNERS = ['in turn', 'at once', 'backwards', 'in one'] as const;
const AGAIN_AFTER_MS = [undefined, 0, 40_000, 3_600_000] as const;

/** A sender with an endpoint, who tells of an order: what it is worth of its word, what was given back of it; some of it twice, or in another order. */
export const tell: Actor = {
  name: 'tell',
  weight: 6,
  of: 'endpoints',
  // story, campaign, affiliate, endpoint, order, gap, manner, again after, which again, amount, instance
  choices: [
    STORIES.length,
    CAMPAIGNS.length,
    AFFILIATES.length,
    6,
    4,
    GAPS_MS.length,
    MANNERS.length,
    AGAIN_AFTER_MS.length,
    4,
    3,
    2,
  ],
  async act(stage, number, choices) {
    const [story, campaignChoice, affiliateChoice, endpointChoice = 0, order = 0, gap, manner] = choices;
    const [, , , , , , , againAfter, which = 0, amount, instance = 0] = choices;
    const { tellings, world } = stage;
    const { campaignId } = pick(CAMPAIGNS, campaignChoice);
    const { affiliateId } = pick(AFFILIATES, affiliateChoice);
    // Most tell of an order of their own, some of one that was reported before.
    const transactionId = `order-${order === 0 ? number : Math.max(0, number - order)}`;
    const worthAt = (chapter: Chapter) =>
      amount === 0 ? undefined : amount === 2 && chapter === 'pending' ? EARLIER_WORTH : WORTH;
    const told = pick(STORIES, story).map((chapter, index): Told => {
      const id = `${number}-${index}`;
      const named = reportOf(transactionId, campaignId);
      const report = reportOf(transactionId, campaignId, affiliateId, worthAt(chapter));
      if (chapter === 'erasure') return { kind: 'erasure', id, report: named, reason: 'deleted' };
      if (chapter === 'notice')
        return { kind: 'fetch', id, about: { order: transactionId, campaign: campaignId, affiliate: affiliateId } };
      if (chapter === 'whole') return { kind: 'return', id, report: named, reason: 'chargeback' };
      const [, refunded] = chapter.split(' ');
      return refunded === undefined
        ? { kind: 'conversion', id, report, status: chapter as Word }
        : { kind: 'return', id, report: named, reason: 'refund', part: { refunded, total: WORTH } };
    });
    const endpoint = ENDPOINTS[endpointChoice === 5 ? 1 : 0];
    const send = (of: readonly Told[], from: number): Promise<void> =>
      tellings.tell({ endpoint, campaignId, transactionId, told: of }, from);
    const messages = pick(MANNERS, manner) === 'in one' ? [told] : told.map((one) => [one]);
    if (pick(MANNERS, manner) === 'backwards') messages.reverse();
    const sent: Promise<void>[] = [];
    for (const [index, message] of messages.entries()) {
      if (index > 0) await world.scheduler.sleep(pick(GAPS_MS, gap));
      const sending = send(message, instance + index);
      sent.push(sending);
      if (pick(MANNERS, manner) !== 'at once') await sending;
    }
    const again = pick(AGAIN_AFTER_MS, againAfter);
    if (again !== undefined) {
      await world.scheduler.sleep(again);
      sent.push(send(pick(messages, which), instance));
    }
    await Promise.all(sent);
  },
};
