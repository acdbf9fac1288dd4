import { createTakeCloseEvents } from './close-events.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createTakeCloseEvents(createDependencies());
