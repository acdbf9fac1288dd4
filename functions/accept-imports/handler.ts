import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAcceptImport } from './accept-import.ts';
import { createDependencies } from './dependencies.ts';
import { createShowImport } from './show-import.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({
  'POST /v1/imports': createAcceptImport(dependencies),
  'GET /v1/imports/{importId}': createShowImport(dependencies),
});
