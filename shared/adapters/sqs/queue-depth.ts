import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

const PARTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** How many messages a queue holds, about: those that wait, are being worked on, or are delayed. */
export async function queueDepth(client: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...PARTS] }));
  return PARTS.reduce((sum, part) => sum + Number.parseInt(Attributes?.[part] ?? '0', 10), 0);
}
