import { Duration, TimeZone } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { Deliveries } from './deliveries.ts';
import { announces } from './destinations.ts';
import type { Monitoring } from './monitoring.ts';
import { FunctionSchedule } from './schedule.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { feedStreams } from './stream-source.ts';
import { WorkQueue } from './work-queue.ts';

const STREAM_TIMEOUT = Duration.minutes(1);
const SCHEDULED_TIMEOUT = Duration.minutes(15);
const RELEASE_INTERVAL = Duration.minutes(5);

/** Where what has stalled is sent again. */
interface ResumedQueues {
  readonly postbacks: WorkQueue;
  readonly decisions: WorkQueue;
}

interface Around extends ResumedQueues {
  readonly deliveries: Deliveries;
}

/** From leads to money: journal entries, rollups, due holds and the checks that nothing was missed or changed. */
export class Bookkeeping extends Construct {
  constructor(scope: Construct, service: ServiceScope, data: DataStack, queues: Around) {
    super(scope, 'Bookkeeping');

    const postJournalEntries = new ServiceFunction(this, service, {
      name: 'post-journal-entries',
      timeout: STREAM_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 20,
    })
      .usesTable(data.journal, ['PutItem'])
      .usesTimeZone();
    announces(postJournalEntries, data, queues.deliveries);
    feedStreams(service, postJournalEntries, data.failedBatches, [
      // Whoever is told of a verdict waits for it: nothing is gathered first.
      { table: data.leads, batchSize: 500, maxBatchingWindow: Duration.seconds(0) },
    ]);

    const rollUp = new ServiceFunction(this, service, {
      name: 'roll-up',
      timeout: STREAM_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['Query'])
      .usesTable(data.rollups, ['GetItem', 'UpdateItem'])
      .usesTimeZone();
    const tumblingWindow = Duration.seconds(30);
    const maxBatchingWindow = Duration.seconds(5);
    feedStreams(service, rollUp, data.failedBatches, [
      { table: data.leads, batchSize: 1000, maxBatchingWindow, tumblingWindow },
      { table: data.touches, batchSize: 1000, maxBatchingWindow, tumblingWindow },
    ]);

    this.watchJournal(service, data);
    this.reconcileLeads(service, data, queues);
    this.checkConservation(service, data, queues.postbacks);
    this.checkJournal(service, data);

    const releaseHolds = new ServiceFunction(this, service, {
      name: 'release-holds',
      // As long as until the next run, so that no two release the same leads.
      timeout: RELEASE_INTERVAL,
      memoryMiB: 1024,
      reservedConcurrency: 2,
    })
      .usesTable(data.catalog, ['Query'])
      .usesTable(data.leads, ['GetItem', 'BatchGetItem', 'PutItem', 'ConditionCheckItem'], ['byDueHold'])
      .usesTable(data.counters, ['BatchGetItem', 'UpdateItem'])
      .usesTable(data.journal, ['PutItem'])
      .usesSecrets('lead-id-pepper')
      .usesTimeZone();
    new FunctionSchedule(service, releaseHolds, {
      description:
        'Confirms pending leads whose hold has run out, and rejects those whose link nobody has opened in time',
      every: ScheduleExpression.rate(RELEASE_INTERVAL),
    });
    watchConflicts(service.monitoring);
    service.monitoring.row('Bookkeeping', {
      'Entries changed or deleted': [
        service.monitoring.counted('JournalItemChanged', 'watch-journal'),
        service.monitoring.counted('JournalSealBroken', 'check-journal'),
      ],
      'Entries that the stream had missed': [service.monitoring.counted('EntryPostedByReconcile', 'reconcile-leads')],
      'Counts that do not agree': [service.monitoring.counted('ConservationDifference', 'check-conservation')],
      'Holds released': [service.monitoring.counted('HoldReleased', 'release-holds')],
    });
  }

  private watchJournal(service: ServiceScope, data: DataStack): void {
    const watchJournal = new ServiceFunction(this, service, {
      name: 'watch-journal',
      timeout: STREAM_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 20,
    }).usesTable(data.billing, ['GetItem', 'PutItem', 'UpdateItem']);
    feedStreams(service, watchJournal, data.failedBatches, [
      { table: data.journal, batchSize: 500, maxBatchingWindow: Duration.seconds(5) },
    ]);
    const changes = service.monitoring.counted('JournalItemChanged', watchJournal.name);
    service.monitoring.alarm('journal-item-changed', {
      metric: changes,
      atLeast: 1,
      description:
        'An entry of the journal was changed or deleted, which no function may do. Find out who did it (CloudTrail), and ' +
        'compare with a point-in-time restore before closing a month.',
    });
  }

  private reconcileLeads(service: ServiceScope, data: DataStack, { postbacks, decisions }: ResumedQueues): void {
    const reconcileLeads = new ServiceFunction(this, service, {
      name: 'reconcile-leads',
      timeout: SCHEDULED_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 2,
    })
      .usesTable(data.catalog, [], ['byList'])
      .usesTable(data.leads, ['BatchGetItem'], ['byAdvertiser'])
      .usesTable(data.bookings, ['GetItem', 'Query', 'UpdateItem'])
      .usesTable(data.journal, ['BatchGetItem', 'PutItem'])
      .usesTable(data.imports, ['Query', 'UpdateItem', 'DeleteItem'])
      .usesQueue('POSTBACKS_QUEUE_URL', postbacks.queue)
      .usesQueue('DECISIONS_QUEUE_URL', decisions.queue)
      .usesTimeZone();
    new FunctionSchedule(service, reconcileLeads, {
      description: 'Posts entries of leads that a stream has missed and restarts stalled imports and decisions',
      every: ScheduleExpression.rate(Duration.hours(1)),
    });
  }

  private checkConservation(service: ServiceScope, data: DataStack, postbacks: WorkQueue): void {
    const checkConservation = new ServiceFunction(this, service, {
      name: 'check-conservation',
      timeout: SCHEDULED_TIMEOUT,
      memoryMiB: 1769,
      reservedConcurrency: 2,
    })
      .usesTable(data.catalog, [], ['byList'])
      .usesTable(data.leads, [], ['byAdvertiser'])
      .usesTable(data.receipts, [], ['byOwner'])
      .usesTable(data.rollups, ['Query'])
      .usesTable(data.journal, ['Query'])
      .usesTable(data.tallies, ['Query', 'PutItem'])
      .watchesQueue('POSTBACKS_QUEUE_URL', postbacks.queue)
      .watchesQueue('POSTBACKS_DEAD_LETTERS_URL', postbacks.deadLetters)
      .usesTimeZone();
    new FunctionSchedule(service, checkConservation, {
      description: 'Counts messages anew and compares leads, receipts, rollups, journal and queues',
      every: ScheduleExpression.rate(Duration.hours(1)),
    });
    service.monitoring.alarm('conservation-difference', {
      metric: service.monitoring.counted('ConservationDifference', checkConservation.name),
      atLeast: 1,
      description:
        'Messages were counted anew, and rollups, journal, queues or the count before say otherwise. The log names day, campaign, ' +
        'affiliate and both figures, and the conservation report shows them until they agree again. It rings every hour until then.',
    });
  }

  private checkJournal(service: ServiceScope, data: DataStack): void {
    const checks = new WorkQueue(this, service, {
      name: 'checks',
      workerTimeout: SCHEDULED_TIMEOUT,
      maxReceiveCount: 3,
      alarmAtAge: Duration.hours(12),
      afterwards: 'Redrive what is there: what is checked twice changes nothing.',
    });
    const checkJournal = new ServiceFunction(this, service, {
      name: 'check-journal',
      timeout: SCHEDULED_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 6,
    })
      .usesTable(data.catalog, [], ['byList'])
      .usesTable(data.journal, ['Query'])
      .usesTable(data.tallies, ['GetItem', 'PutItem'])
      .usesTable(data.billing, ['Query'])
      .usesBucket('DOCUMENTS_BUCKET_NAME', data.documentsBucket, ['GetObject'])
      .usesQueue('CHECKS_QUEUE_URL', checks.queue)
      .usesTimeZone();
    checks.feeds(checkJournal, { batchSize: 1, maxConcurrency: 5 });
    new FunctionSchedule(service, checkJournal, {
      description: 'Compares the journal with what stood in it the days before',
      every: ScheduleExpression.cron({ hour: '4', minute: '30', timeZone: TimeZone.of(service.stage.timeZone) }),
    });
    service.monitoring.alarm('journal-seal-broken', {
      metric: service.monitoring.counted('JournalSealBroken', checkJournal.name),
      atLeast: 1,
      description:
        'Entries that stood in the journal on an earlier day were changed, are gone, or were added with an earlier date; or a document ' +
        'holds others. The log names party, month, shard, and days or entry. Find out who did it (CloudTrail), compare with a ' +
        'point-in-time restore, and close no month before. ' +
        'It rings every day until the journal is what it was.',
    });
  }
}

/** Any of those that post entries may meet one with the same key and other content; what requests post the stream posts too. */
function watchConflicts(monitoring: Monitoring): void {
  const posters = {
    stream: 'post-journal-entries',
    reconcile: 'reconcile-leads',
    close: 'close-month',
    release: 'release-holds',
    payouts: 'check-payouts',
  };
  monitoring.alarm('journal-conflict', {
    metric: new MathExpression({
      label: 'JournalConflict',
      expression: Object.keys(posters)
        .map((id) => `FILL(${id}, 0)`)
        .join(' + '),
      usingMetrics: Object.fromEntries(
        Object.entries(posters).map(([id, functionName]) => [id, monitoring.counted('JournalConflict', functionName)]),
      ),
      period: Duration.minutes(1),
    }),
    atLeast: 1,
    description:
      'An entry was to be posted under a key that holds other content; nothing was written. The log names the key: ' +
      'compare the lead with the entry before anything else.',
  });
}
