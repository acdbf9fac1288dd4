import { type DestinationHealth, type DisabledReason, toldOfDisabling } from '../../domain/deliveries/health.ts';
import type { SendDeliveriesDependencies } from './dependencies.ts';

export const DISABLED_BECAUSE: Readonly<Record<DisabledReason, string>> = {
  gone: 'it answered 410 (Gone)',
  failing: 'it has not answered well for five days',
};

/**
 * Tells people that a destination is disabled, once: whoever notes that it is told tells it. Where they die at that, the alarm has told it
 * before.
 */
export async function tellIfDisabled(
  { health, notices, onTrouble }: Pick<SendDeliveriesDependencies, 'health' | 'notices' | 'onTrouble'>,
  known: DestinationHealth,
): Promise<void> {
  const { destinationId, disabled } = known;
  if (disabled === undefined || disabled.isTold) return;
  onTrouble('destination_disabled', destinationId);
  const told = toldOfDisabling(known, true);
  if (!(await health.replace(told))) return;
  try {
    const notice = noticeOf(destinationId, DISABLED_BECAUSE[disabled.reason]);
    await notices?.send(`Destination ${destinationId} is disabled`, notice);
  } catch (error) {
    await health.replace(toldOfDisabling(told, false));
    throw error;
  }
}

const noticeOf = (destinationId: string, because: string): string =>
  [
    `Nothing is sent to ${destinationId} any more: ${because}.`,
    'What it was to be told meanwhile is kept for 90 days as failed. Once its receiver is mended, set its status to active and ask for',
    `POST /v1/destinations/${destinationId}/redeliver from the time at which it was disabled.`,
  ].join('\n');
