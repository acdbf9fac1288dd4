import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { destinationHandlers } from './manage-destinations.ts';

export const handler = createHttpHandler(destinationHandlers(createDependencies()));
