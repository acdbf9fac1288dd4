import { createDecidePostbacks } from './decide-postbacks.ts';
import { createDependencies } from './dependencies.ts';

export const handler = createDecidePostbacks(createDependencies());
