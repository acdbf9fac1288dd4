import middy from '@middy/core';
import { logFailure } from '../../shared/runtime/workers.ts';
import type { Reconciled } from '../../shared/use-cases/reconcile-month.ts';
import { createDependencies } from './dependencies.ts';
import { createReconcileLeads } from './reconcile-leads.ts';

export const handler = middy<unknown, Reconciled>().use(logFailure).handler(createReconcileLeads(createDependencies()));
