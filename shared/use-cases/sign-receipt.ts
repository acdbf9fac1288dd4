import { RECEIPT_TYPE, type ReceiptClaims, type ToldReceipt } from '../contracts/receipts.ts';
import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import type { ReceiptKeys } from '../ports/crypto.ts';

export type SignReceipt = (told: ToldReceipt, at: Instant) => Promise<string>;

/** Signs what is told of a message, as of now, in the name of the network. Throws StoreUnavailable while no keys can be read. */
export const createSignReceipt =
  ({ keys, network }: { readonly keys: () => Promise<ReceiptKeys>; readonly network: string }): SignReceipt =>
  async (told, at) => {
    const claims: ReceiptClaims = { iss: network, iat: Math.floor(millisecondsOf(at) / 1000), ...told };
    return (await keys()).sign(RECEIPT_TYPE, claims);
  };
