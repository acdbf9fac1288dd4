import { type Conversion, OPT_IN_LINK } from '../../contracts/postback.ts';

/**
 * A conversion whose person has to confirm by a link, with the number of its receipt in the link: by it the lead is found where the campaign
 * does not tell its leads apart by their transactions.
 */
export function withReceiptInLink(conversion: Conversion, receiptId: string): Conversion {
  const { contact } = conversion;
  return OPT_IN_LINK in contact
    ? { ...conversion, contact: { ...contact, [OPT_IN_LINK]: `${contact[OPT_IN_LINK]}&receipt=${receiptId}` } }
    : conversion;
}
