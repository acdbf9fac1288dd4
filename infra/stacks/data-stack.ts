import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { LedgerTable } from '../constructs/ledger-table.ts';
import type { Stage } from '../stage.ts';
import { contactsKeyAlias } from '../stage.ts';

/** Whatever makes up a document can be neither changed nor deleted for so long, which is what tax offices ask for at most. */
const DOCUMENTS_KEPT_YEARS = 10;
const IMPORTED_FILE_KEPT_DAYS = 90;
const FAILED_BATCH_KEPT_DAYS = 90;
const ACCESS_LOG_KEPT_DAYS = 400;
const QUEUE_KEPT_DAYS = 14;

/** Everything that must outlive a release of the service: tables, buckets and the key of the contact data. */
export class DataStack extends Stack {
  readonly catalog: LedgerTable;
  readonly touches: LedgerTable;
  readonly leads: LedgerTable;
  readonly contacts: LedgerTable;
  readonly journal: LedgerTable;
  readonly receipts: LedgerTable;
  /** What caps and rules count. */
  readonly counters: LedgerTable;
  readonly rollups: LedgerTable;
  readonly tallies: LedgerTable;
  readonly billing: LedgerTable;
  /** What is booked by hand, and the exchange rates that it is converted at. */
  readonly bookings: LedgerTable;
  /** How affiliates are paid, and what is under way. */
  readonly payouts: LedgerTable;
  readonly imports: LedgerTable;
  /** Endpoints, where others tell us, and destinations, where we tell others. */
  readonly connections: LedgerTable;
  /** What endpoints were sent, for 30 days. */
  readonly messages: LedgerTable;
  /** What is on its way to destinations, and how they answer. */
  readonly deliveries: LedgerTable;
  readonly importsBucket: Bucket;
  readonly documentsBucket: Bucket;
  /** What forms open for whoever sends them. */
  readonly filesBucket: Bucket;
  readonly failedBatches: Bucket;
  /** One message for each object put into `failedBatches`; it stays until somebody has dealt with the batch. */
  readonly failedBatchNotices: Queue;
  /** Wraps the data key of the contact data. */
  readonly contactsKey: Key;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, { stackName: `leadledger-${stage.name}-data`, terminationProtection: true });

    this.catalog = new LedgerTable(this, 'Catalog', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      indexes: [{ name: 'byList', partitionKey: 'listKey', sortKey: 'listId', project: 'ALL' }],
    });
    this.touches = new LedgerTable(this, 'Touches', stage, {
      partitionKey: 'touchId',
      indexes: [{ name: 'byPlatformClickId', partitionKey: 'platformClickId', sortKey: 'clickedAt', project: [] }],
      timeToLive: 'expiresAt',
      stream: StreamViewType.NEW_IMAGE,
    });
    this.leads = new LedgerTable(this, 'Leads', stage, {
      partitionKey: 'leadId',
      indexes: [
        {
          name: 'byAdvertiser',
          partitionKey: 'advertiserMonth',
          sortKey: 'occurredAt',
          project: ['status', 'campaignId', 'affiliateId', 'reason', 'receiptId', 'chargeMinor', 'commissionMinor'],
        },
        {
          name: 'byAffiliate',
          partitionKey: 'affiliateMonth',
          sortKey: 'occurredAt',
          project: ['status', 'campaignId', 'advertiserId'],
        },
        { name: 'byDueHold', partitionKey: 'holdShard', sortKey: 'holdUntil', project: [] },
      ],
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    this.contacts = new LedgerTable(this, 'Contacts', stage, { partitionKey: 'leadId' });
    this.journal = new LedgerTable(this, 'Journal', stage, {
      partitionKey: 'partition',
      sortKey: 'entryId',
      // What stands in the journals of affiliates, for whoever asks for a whole month of it.
      indexes: [{ name: 'byList', partitionKey: 'listKey', sortKey: 'entryId', project: 'ALL' }],
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      resourcePolicy: appendOnly(),
    });
    this.receipts = new LedgerTable(this, 'Receipts', stage, {
      partitionKey: 'receiptId',
      indexes: [
        {
          name: 'byOwner',
          partitionKey: 'owner',
          sortKey: 'occurredAt',
          project: ['outcome', 'campaignId', 'affiliateId'],
        },
      ],
      timeToLive: 'expiresAt',
    });
    this.counters = new LedgerTable(this, 'Counters', stage, { partitionKey: 'counterId', timeToLive: 'expiresAt' });
    this.rollups = new LedgerTable(this, 'Rollups', stage, { partitionKey: 'pk', sortKey: 'sk' });
    this.tallies = new LedgerTable(this, 'Tallies', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      indexes: [{ name: 'byAffiliate', partitionKey: 'affiliateMonth', sortKey: 'sk', project: 'ALL' }],
    });
    this.billing = new LedgerTable(this, 'Billing', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      stream: StreamViewType.NEW_IMAGE,
    });
    this.bookings = new LedgerTable(this, 'Bookings', stage, { partitionKey: 'pk', sortKey: 'sk' });
    this.payouts = new LedgerTable(this, 'Payouts', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      stream: StreamViewType.NEW_IMAGE,
    });
    this.imports = new LedgerTable(this, 'Imports', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLive: 'expiresAt',
    });
    this.connections = new LedgerTable(this, 'Connections', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      indexes: [
        { name: 'byList', partitionKey: 'listKey', sortKey: 'listId', project: 'ALL' },
        { name: 'byOwner', partitionKey: 'owner', sortKey: 'listId', project: 'ALL' },
      ],
    });
    this.messages = new LedgerTable(this, 'Messages', stage, {
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLive: 'expiresAt',
    });
    this.deliveries = new LedgerTable(this, 'Deliveries', stage, {
      partitionKey: 'stream',
      sortKey: 'position',
      indexes: [
        { name: 'byDue', partitionKey: 'dueShard', sortKey: 'dueAt', project: [] },
        {
          name: 'byDestination',
          partitionKey: 'destinationId',
          sortKey: 'addedAt',
          project: ['status', 'attemptCount', 'nextAttemptAt', 'endedAt'],
        },
        { name: 'byId', partitionKey: 'deliveryId', sortKey: 'stream', project: [] },
      ],
      timeToLive: 'expiresAt',
    });

    const accessLogs = this.bucket('AccessLogs', { expireDays: ACCESS_LOG_KEPT_DAYS });
    this.importsBucket = this.bucket('ImportsBucket', { expireDays: IMPORTED_FILE_KEPT_DAYS, accessLogs });
    this.documentsBucket = this.bucket('DocumentsBucket', { lockedYears: DOCUMENTS_KEPT_YEARS, accessLogs });
    this.filesBucket = this.bucket('FilesBucket', { accessLogs });
    this.failedBatches = this.bucket('FailedBatches', { expireDays: FAILED_BATCH_KEPT_DAYS, accessLogs });
    this.failedBatchNotices = this.noticesOf(this.failedBatches, stage);

    this.contactsKey = new Key(this, 'ContactsKey', {
      alias: contactsKeyAlias(stage.name),
      description: 'Wraps the data key of the contact data',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.exportAll();
  }

  /**
   * Exports all that the service may refer to, used or not. An export made on demand would vanish with its last use, and
   * CloudFormation refuses to deploy that while the old service is still there.
   */
  private exportAll(): void {
    for (const child of this.node.children) {
      if (child instanceof LedgerTable) {
        this.exportValue(child.tableName);
        this.exportValue(child.tableArn);
        if (child.tableStreamArn !== undefined) this.exportValue(child.tableStreamArn);
      }
      if (child instanceof Bucket) {
        this.exportValue(child.bucketName);
        this.exportValue(child.bucketArn);
      }
    }
    this.exportValue(this.failedBatchNotices.queueName);
    this.exportValue(this.contactsKey.keyArn);
  }

  private bucket(id: string, options: { expireDays?: number; lockedYears?: number; accessLogs?: Bucket }): Bucket {
    const lifecycle: LifecycleRule = {
      abortIncompleteMultipartUploadAfter: Duration.days(7),
      ...(options.expireDays === undefined ? {} : { expiration: Duration.days(options.expireDays) }),
    };
    const bucket = new Bucket(this, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: options.lockedYears !== undefined,
      ...(options.lockedYears !== undefined && {
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(options.lockedYears * 365)),
      }),
      lifecycleRules: [lifecycle],
      serverAccessLogsBucket: options.accessLogs,
      serverAccessLogsPrefix: options.accessLogs === undefined ? undefined : `${id}/`,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    if (options.accessLogs === undefined) {
      Validations.of(bucket).acknowledge({
        id: 'AwsSolutions-S1',
        reason: 'This is the bucket that the access logs of the others go to; logging it into itself would never end.',
      });
    }
    return bucket;
  }

  /** The notification is set on the bucket itself: the L2 way would deploy a function of CDK's own to do it. */
  private noticesOf(bucket: Bucket, stage: Stage): Queue {
    const queue = new Queue(this, 'FailedBatchNotices', {
      queueName: `leadledger-${stage.name}-failed-batches`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(QUEUE_KEPT_DAYS),
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const resource = bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new Error('a bucket without its resource');
    resource.notificationConfiguration = {
      queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: queue.queueArn }],
    };
    // S3 sends a test message when the notification is set, and refuses to set it where the queue does not let it in.
    resource.node.addDependency(queue.node.findChild('Policy'));
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'No function reads this queue: it is itself where failures end, and an alarm watches its depth.',
    });
    return queue;
  }
}

/** Refuses to change or delete items to everybody, administrators included: who must, has to lift this policy first, on record. */
function appendOnly(): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AppendOnly',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:PartiQLInsert',
          'dynamodb:PartiQLUpdate',
          'dynamodb:PartiQLDelete',
        ],
        resources: ['*'],
      }),
    ],
  });
}
