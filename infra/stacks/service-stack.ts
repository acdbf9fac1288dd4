import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { Billing } from '../constructs/billing.ts';
import { Bookkeeping } from '../constructs/bookkeeping.ts';
import { Decisions } from '../constructs/decisions.ts';
import { Deliveries } from '../constructs/deliveries.ts';
import { Destinations } from '../constructs/destinations.ts';
import { Endpoints } from '../constructs/endpoints.ts';
import { LedgerApi } from '../constructs/http-api.ts';
import { Ingestion } from '../constructs/ingestion.ts';
import { LedgerTable } from '../constructs/ledger-table.ts';
import { Management } from '../constructs/management.ts';
import { Monitoring } from '../constructs/monitoring.ts';
import { Payouts } from '../constructs/payouts.ts';
import type { Stage } from '../stage.ts';
import type { DataStack } from './data-stack.ts';

/** Everything that a release may replace: API, functions, queues, schedules, alarms. It owns no data but what waits in queues. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, stage: Stage, data: DataStack) {
    super(scope, id, { stackName: `leadledger-${stage.name}-service` });
    const service = { stage, monitoring: new Monitoring(this, 'Monitoring', stage) };

    const ingestion = new Ingestion(this, service, data);
    const decisions = new Decisions(this, service, data);
    const deliveries = new Deliveries(this, service, data);
    const destinations = new Destinations(this, service, data, deliveries);
    new Bookkeeping(this, service, data, {
      postbacks: ingestion.postbacks,
      decisions: decisions.decisions,
      deliveries,
    });
    const billing = new Billing(this, service, data, ingestion.postbacks);
    const management = new Management(this, service, data);
    const payouts = new Payouts(this, service, data);
    const endpoints = new Endpoints(this, service, data, ingestion.postbacks);
    new LedgerApi(this, service, {
      'accept-decisions': decisions.acceptDecisions,
      'accept-imports': ingestion.acceptImports,
      'capture-lead': endpoints.captureLead,
      'describe-api': management.describeApi,
      'ingest-click': ingestion.ingestClick,
      'ingest-postback': ingestion.ingestPostback,
      'manage-billing': billing.manageBilling,
      'manage-bookings': management.manageBookings,
      'manage-catalog': management.manageCatalog,
      'manage-deliveries': deliveries.manageDeliveries,
      'manage-destinations': destinations.manageDestinations,
      'manage-endpoints': endpoints.manageEndpoints,
      'manage-leads': management.manageLeads,
      'manage-payouts': payouts.managePayouts,
      'prove-entries': billing.proveEntries,
      'read-ledger': management.readLedger,
      'read-receipts': management.readReceipts,
      'receive-message': endpoints.receiveMessage,
      'report-conservation': management.reportConservation,
      'report-payouts': management.reportPayouts,
      'settle-payouts': payouts.settlePayouts,
    });
    watchData(service.monitoring, data);
    this.sampleTraces(stage);
  }

  /** One trace a second and 1% of the rest: at X-Ray's own 5% the traces of a click would cost as much as its write. */
  private sampleTraces(stage: Stage): void {
    new CfnSamplingRule(this, 'Traces', {
      samplingRule: {
        ruleName: `leadledger-${stage.name}`,
        priority: 1000,
        version: 1,
        reservoirSize: 1,
        fixedRate: 0.001,
        serviceName: `leadledger-${stage.name}-*`,
        serviceType: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        resourceArn: '*',
      },
    });
  }
}

/** Alarms on what the data stack holds are here, because they go with the topic: a data stack changes as rarely as it can. */
function watchData(monitoring: Monitoring, data: DataStack): void {
  monitoring.alarm('failed-batches', {
    metric: data.failedBatchNotices.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    }),
    atLeast: 1,
    description:
      'A batch of changes failed for good; it is in the bucket of failed batches, and the queue says under which key. Leads are ' +
      'mended by the hourly reconcile, figures by rebuilding the rollups. What others were to be told of it they are told once the `payload` of the ' +
      'object is given to the function again (aws lambda invoke): what it has done already it does not do twice.',
  });
  const tables = data.node.children.filter((child) => child instanceof LedgerTable);
  const throttled = tables.map((table) => [table, throttledEvents(table)] as const);
  for (const [table, metric] of throttled) {
    monitoring.alarm(`${table.node.id.toLowerCase()}-table-throttled`, {
      metric,
      atLeast: 100,
      description: `DynamoDB refuses requests to ${table.node.id}: a hot partition, or growth faster than on-demand follows.`,
    });
  }
  monitoring.row('Tables', { 'Throttled requests': throttled.map(([, metric]) => metric) });
}

function throttledEvents(table: LedgerTable): MathExpression {
  const sum = { statistic: 'Sum', period: Duration.minutes(5) };
  const id = table.node.id.toLowerCase();
  return new MathExpression({
    label: table.node.id,
    // Ids are shared by all lines of a graph, so each table's are its own.
    expression: `FILL(${id}Reads, 0) + FILL(${id}Writes, 0)`,
    usingMetrics: {
      [`${id}Reads`]: table.metric('ReadThrottleEvents', sum),
      [`${id}Writes`]: table.metric('WriteThrottleEvents', sum),
    },
    period: Duration.minutes(5),
  });
}
