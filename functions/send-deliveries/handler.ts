import { createDependencies } from './dependencies.ts';
import { createHandleDeliveries } from './send-deliveries.ts';

export const handler = createHandleDeliveries(createDependencies());
