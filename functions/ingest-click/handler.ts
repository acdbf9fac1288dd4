import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createIngestClick } from './ingest-click.ts';

const ingestClick = createIngestClick(createDependencies());

export const handler = createHttpHandler({ 'GET /c/{campaignId}': ingestClick, 'HEAD /c/{campaignId}': ingestClick });
