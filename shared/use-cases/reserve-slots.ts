import type { Contribution } from '../domain/rollups/contribution.ts';
import { type HasSlot, slotGroupText, slotRequests } from '../domain/rollups/slots.ts';
import type { SlotStore } from '../ports/rollups.ts';

/**
 * Gets the slots that contributions need before it is known which items they are added to. One group after the other: there are few in a
 * batch, and most are answered without a call. Throws StoreUnavailable.
 */
export async function reserveSlots(contributions: readonly Contribution[], slots: SlotStore): Promise<HasSlot> {
  const granted = new Map<string, ReadonlySet<string>>();
  for (const { group, values } of slotRequests(contributions)) {
    granted.set(slotGroupText(group), await slots.reserve(group, values));
  }
  return (group, value) => granted.get(slotGroupText(group))?.has(value) ?? false;
}
