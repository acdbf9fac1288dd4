import { createDependencies } from './dependencies.ts';
import { createFetchLeads } from './fetch-leads.ts';

export const handler = createFetchLeads(createDependencies());
