import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Every metric of our own: alarms and the dashboard are made from these names. */
export type MetricName =
  | 'TouchNotStored'
  | 'PostbackQueued'
  | 'MessageQueued'
  | 'FetchOverdue'
  | 'ReceiptUnsigned'
  | 'JournalItemChanged'
  | 'JournalConflict'
  | 'JournalSealBroken'
  | 'EntryPostedByReconcile'
  | 'ConservationDifference'
  | 'HoldReleased'
  | 'PayoutOverdue'
  | 'DeliveryFailed'
  | 'DestinationDisabled';

const metrics = new Metrics();

/** Counts something at once, as one line of CloudWatch's embedded metric format. */
export function count(name: MetricName, value = 1): void {
  metrics.addMetric(name, MetricUnit.Count, value);
  metrics.publishStoredMetrics();
}
