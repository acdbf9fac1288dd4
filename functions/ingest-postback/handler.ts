import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createIngestPostback } from './ingest-postback.ts';

const ingestPostback = createIngestPostback(createDependencies());

export const handler = createHttpHandler({ 'GET /postback': ingestPostback, 'POST /postback': ingestPostback });
