import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createTopicNotices } from '../../../shared/adapters/sns/notices.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const endpoint = env.AWS_ENDPOINT_URL_SQS;

async function sns(parameters: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: 'Credential=x/20260101/us-east-1/sns/aws4_request',
    },
    body: new URLSearchParams({ Version: '2010-03-31', ...parameters }).toString(),
  });
  return response.text();
}

it('reach whoever is subscribed to the topic', async () => {
  const topicArn = /<TopicArn>([^<]+)</.exec(await sns({ Action: 'CreateTopic', Name: 'finance' }))![1]!;
  const queueArn = `arn:aws:sqs:us-east-1:000000000000:${env.CLOSE_QUEUE_URL.split('/').at(-1)}`;
  await sns({ Action: 'Subscribe', TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn });
  const notices = createTopicNotices(topicArn, { ...process.env, AWS_ENDPOINT_URL_SNS: endpoint });
  await notices.send('Bundles of 2025-11', 'csv: https://files.example/ä?x=1&y=2\n');
  const { Messages: [message] = [] } = await new SQSClient().send(
    new ReceiveMessageCommand({ QueueUrl: env.CLOSE_QUEUE_URL, WaitTimeSeconds: 1 }),
  );
  expect(JSON.parse(message!.Body!)).toMatchObject({
    Subject: 'Bundles of 2025-11',
    Message: 'csv: https://files.example/ä?x=1&y=2\n',
  });
});

it('that were not taken are an error, so that they are sent again', async () => {
  const notices = createTopicNotices('arn:aws:sns:us-east-1:000000000000:gone', {
    ...process.env,
    AWS_ENDPOINT_URL_SNS: endpoint,
  });
  await expect(notices.send('Subject', 'Text')).rejects.toThrow(StoreUnavailable);
});
