import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createCountImpression } from './count-impression.ts';
import { createDependencies } from './dependencies.ts';
import { createIngestClick } from './ingest-click.ts';

const dependencies = createDependencies();
const ingestClick = createIngestClick(dependencies);

export const handler = createHttpHandler({
  'GET /c/{campaignId}': ingestClick,
  'HEAD /c/{campaignId}': ingestClick,
  'GET /i/{image}': createCountImpression(dependencies),
});
