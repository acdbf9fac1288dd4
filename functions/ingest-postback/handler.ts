import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createFirePixel } from './fire-pixel.ts';
import { createIngestPostback } from './ingest-postback.ts';

const dependencies = createDependencies();
const ingestPostback = createIngestPostback(dependencies);

export const handler = createHttpHandler({
  'GET /postback': ingestPostback,
  'POST /postback': ingestPostback,
  'GET /px.gif': createFirePixel(ingestPostback, dependencies),
});
