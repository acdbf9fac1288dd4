import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { deliveryHandlers } from './manage-deliveries.ts';

export const handler = createHttpHandler(deliveryHandlers(createDependencies()));
