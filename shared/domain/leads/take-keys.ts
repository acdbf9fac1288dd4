import { type DedupeBy, isWithinWindow } from './dedupe.ts';
import type { DedupeKey, Lead } from './lead.ts';

/** What must be written, and what must still be as it was read, for a lead to hold its keys. */
export interface KeyWrites {
  /** Keys to hold: free ones, and those held by a rejected lead that gives way. */
  readonly hold: readonly { readonly keyId: string; readonly from?: string | undefined }[];
  /** Rejected leads whose own id is the key: they stay, and say who took it. */
  readonly yielding: readonly Lead[];
  /** Keys that must still have the holder (undefined: none) that was read. */
  readonly unchanged: readonly { readonly keyId: string; readonly heldBy?: string | undefined }[];
  /** Leads that must still be at the version that was read: rejected, and never billed. */
  readonly rejected: readonly Lead[];
}

export type KeyPlan =
  | { readonly free: true; readonly writes: KeyWrites }
  | { readonly free: false; readonly by: DedupeBy; readonly holder: Lead };

/**
 * How a lead takes its keys, given the leads that hold them and their neighbours in time; or which lead is in its way. `givesWay` says
 * which rejected leads that were never billed are not.
 */
export function planKeys(
  lead: Pick<Lead, 'leadId' | 'occurredAt'>,
  keys: readonly DedupeKey[],
  holders: ReadonlyMap<string, Lead>,
  givesWay: (holder: Lead) => boolean,
): KeyPlan {
  const hold: { keyId: string; from?: string | undefined }[] = [];
  const unchanged: { keyId: string; heldBy?: string | undefined }[] = [];
  const yielding = new Map<string, Lead>();
  const rejected = new Map<string, Lead>();
  for (const { by, own, before, after, windowMs } of keys) {
    const holder = holders.get(own);
    if (holder === undefined) hold.push({ keyId: own });
    else if (holder.leadId === lead.leadId) unchanged.push({ keyId: own, heldBy: holder.leadId });
    else if (!givesWay(holder)) return { free: false, by, holder };
    else if (holder.leadId === own) yielding.set(own, holder);
    else {
      hold.push({ keyId: own, from: holder.leadId });
      rejected.set(holder.leadId, holder);
    }
    for (const keyId of [before, after]) {
      if (keyId === undefined) continue;
      const neighbour = holders.get(keyId);
      if (neighbour !== undefined && givesWay(neighbour)) rejected.set(neighbour.leadId, neighbour);
      else if (
        neighbour !== undefined &&
        neighbour.leadId !== lead.leadId &&
        isWithinWindow({ windowMs }, neighbour.occurredAt, lead.occurredAt)
      ) {
        return { free: false, by, holder: neighbour };
      }
      unchanged.push({ keyId, heldBy: neighbour?.leadId });
    }
  }
  return {
    free: true,
    writes: { hold, unchanged, yielding: [...yielding.values()], rejected: [...rejected.values()] },
  };
}
