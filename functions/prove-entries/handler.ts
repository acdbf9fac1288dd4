import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createProveEntries } from './prove-entries.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({
  'GET /v1/invoices/{number}/proof': createProveEntries(dependencies, 'invoice'),
  'GET /v1/statements/{number}/proof': createProveEntries(dependencies, 'statement'),
});
