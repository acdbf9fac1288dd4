import * as z from 'zod';
import { transitionEnv } from '../../shared/adapters/transition-stores.ts';
import { readEnv } from '../../shared/runtime/env.ts';

export const env = readEnv(z.object(transitionEnv));
