import { type RenderMessage, renderMessage } from '../../shared/contracts/rendering.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createQueueWorker } from '../../shared/runtime/queue-worker.ts';
import { createDependencies } from './dependencies.ts';
import { createExportMonth } from './export-month.ts';
import { createRenderDocument } from './render-document.ts';

const dependencies = createDependencies();
const renderDocument = createRenderDocument(dependencies);
const exportMonth = createExportMonth(dependencies);

export const handler = createQueueWorker({
  schema: renderMessage,
  work: (message: RenderMessage) =>
    message.kind === 'export-month' ? exportMonth(message.month) : renderDocument(message.number),
  onFailure: (messageId, error) => logger.warn('message failed', { messageId, error: error as Error }),
});
