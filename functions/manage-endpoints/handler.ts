import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createManageEndpoints } from './manage-endpoints.ts';

export const handler = createHttpHandler(createManageEndpoints(createDependencies()));
