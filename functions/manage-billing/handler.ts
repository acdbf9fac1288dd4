import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createGetDocument } from './get-document.ts';
import { createGetExport } from './get-export.ts';
import { createGlAccounts } from './gl-accounts.ts';
import { createListDocuments } from './list-documents.ts';
import { createManageMonth } from './manage-month.ts';

const dependencies = createDependencies();
const month = createManageMonth(dependencies);
const glAccounts = createGlAccounts(dependencies);

export const handler = createHttpHandler({
  'POST /v1/months/{month}/close': month.close,
  'POST /v1/months/{month}/issue': month.issue,
  'GET /v1/months/{month}': month.get,
  'GET /v1/months/{month}/export': createGetExport(dependencies),
  'GET /v1/gl-accounts': glAccounts.get,
  'PUT /v1/gl-accounts': glAccounts.put,
  'GET /v1/invoices': createListDocuments(dependencies, 'invoice'),
  'GET /v1/invoices/{number}': createGetDocument(dependencies, 'invoice'),
  'GET /v1/statements': createListDocuments(dependencies, 'statement'),
  'GET /v1/statements/{number}': createGetDocument(dependencies, 'statement'),
});
