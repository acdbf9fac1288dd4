import { grossOf, type IssuedDocument, typeOf } from '../billing/document.ts';
import { formatAmount } from '../money/money.ts';
import { type Digest, eventIdOf, type OutgoingEvent } from './event.ts';

/** A document is issued once. */
const SEQUENCE = 1;

/** The event of a document that was issued. Its data are what lists of documents show: the party's own, without those of leads. */
export function documentEvent(document: IssuedDocument, digest: Digest): OutgoingEvent {
  const { kind, number, month, partyId, partyName, currency, issuedAt, typeCode } = document;
  const type = `${kind}.issued` as const;
  const amount = (minor: bigint): string => formatAmount(minor, currency);
  const party = kind === 'invoice' ? { advertiserId: partyId } : { affiliateId: partyId };
  return {
    eventId: eventIdOf(digest, type, number, SEQUENCE),
    type,
    subject: number,
    sequence: SEQUENCE,
    occurredAt: issuedAt,
    ...party,
    data: {
      number,
      type: typeOf(document),
      ...party,
      name: partyName,
      month,
      currency,
      net: amount(document.netMinor),
      tax: amount(document.taxMinor),
      gross: amount(grossOf(document)),
      ...(document.withholdingMinor !== undefined && { withheld: amount(document.withholdingMinor) }),
      ...(typeCode !== undefined && { typeCode }),
      issuedAt,
    },
  };
}
