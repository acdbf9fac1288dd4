import { AwsClient } from 'aws4fetch';
import { StoreUnavailable } from '../../ports/errors.ts';
import type { Notices } from '../../ports/notices.ts';

const API_VERSION = '2010-03-31';
const TIMEOUT_MS = 10_000;
const RETRIES = 3;

/** Publishes to a topic, and so to whoever is subscribed. Credentials and region are those that Lambda puts in the environment. */
export function createTopicNotices(topicArn: string, env: NodeJS.ProcessEnv = process.env): Notices {
  const region = env['AWS_REGION'] ?? '';
  const client = new AwsClient({
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(env['AWS_SESSION_TOKEN'] !== undefined && { sessionToken: env['AWS_SESSION_TOKEN'] }),
    service: 'sns',
    region,
    retries: RETRIES,
  });
  const endpoint = env['AWS_ENDPOINT_URL_SNS'] ?? `https://sns.${region}.amazonaws.com`;
  return {
    async send(subject, text) {
      const parameters = {
        Action: 'Publish',
        Version: API_VERSION,
        TopicArn: topicArn,
        Subject: subject,
        Message: text,
      };
      const request = {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(parameters).toString(),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      };
      const response = await client.fetch(endpoint, request).catch((cause: unknown) => {
        throw new StoreUnavailable('the topic did not answer', { cause });
      });
      const answer = await response.text();
      if (!response.ok) throw new StoreUnavailable(`the topic answered ${response.status}: ${answer}`);
    },
  };
}
