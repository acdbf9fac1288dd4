import { decisionChunkMessage } from '../../shared/contracts/decisions.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createQueueWorker } from '../../shared/runtime/queue-worker.ts';
import { createProcessDecisionChunk } from '../../shared/use-cases/process-decision-chunk.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createQueueWorker({
  schema: decisionChunkMessage,
  work: createProcessDecisionChunk(createDependencies()),
  onFailure: (messageId, error) => logger.warn('message failed', { messageId, error: error as Error }),
});
