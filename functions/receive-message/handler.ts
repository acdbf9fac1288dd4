import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createReceiveMessage } from './receive-message.ts';

// Every route is a message to an endpoint, and so may be what has no route.
export const handler = createHttpHandler({ $default: createReceiveMessage(createDependencies()) });
