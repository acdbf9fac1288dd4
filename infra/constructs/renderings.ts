import type { Duration } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import type { WorkQueue } from './work-queue.ts';

/** The files of documents and the bundles of closed months, and who is told of these. */
export class Renderings extends Construct {
  constructor(
    scope: Construct,
    service: ServiceScope,
    data: DataStack,
    { queue, timeout }: { readonly queue: WorkQueue; readonly timeout: Duration },
  ) {
    super(scope, 'Renderings');
    const renderDocuments = new ServiceFunction(this, service, {
      name: 'render-documents',
      timeout,
      memoryMiB: 1769,
      reservedConcurrency: 10,
    })
      .usesTable(data.billing, ['GetItem', 'Query'])
      .usesTable(data.catalog, [], ['byList'])
      .usesTable(data.journal, ['Query'])
      .usesBucket('DOCUMENTS_BUCKET_NAME', data.documentsBucket, ['GetObject', 'PutObject', 'AbortMultipartUpload']);
    queue.feeds(renderDocuments, { batchSize: 1, maxConcurrency: 10 });
    const { financeEmail } = service.stage;
    if (financeEmail !== undefined) tellFinance(this, service, renderDocuments, financeEmail);
  }
}

function tellFinance(scope: Construct, { stage }: ServiceScope, teller: ServiceFunction, email: string): void {
  const topic = new Topic(scope, 'Finance', {
    topicName: `leadledger-${stage.name}-finance`,
    masterKey: Alias.fromAliasName(scope, 'TopicKey', 'alias/aws/sns'),
    enforceSSL: true,
  });
  topic.addSubscription(new EmailSubscription(email));
  teller.usesTopic('FINANCE_TOPIC_ARN', topic);
}
