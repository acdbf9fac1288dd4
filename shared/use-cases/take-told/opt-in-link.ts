import type { Conversion } from '../../contracts/postback.ts';

const LINK = 'field_opt_in_url';

/**
 * A conversion whose person has to confirm by a link, with the number of its receipt in the link: by it the lead is found where the campaign
 * does not tell its leads apart by their transactions.
 */
export function withReceiptInLink(conversion: Conversion, receiptId: string): Conversion {
  const { contact } = conversion;
  return LINK in contact
    ? { ...conversion, contact: { ...contact, [LINK]: `${contact[LINK]}&receipt=${receiptId}` } }
    : conversion;
}
