import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAcceptDecisions } from './accept-decisions.ts';
import { createDependencies } from './dependencies.ts';
import { createShowDecisions } from './show-decisions.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({
  'POST /v1/leads/decisions': createAcceptDecisions(dependencies),
  'GET /v1/decisions/{decisionId}': createShowDecisions(dependencies),
});
