import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createImportAnswers } from './import-answers.ts';

export const handler = createHttpHandler({
  'POST /v1/payout-runs/answers': createImportAnswers(createDependencies()),
});
