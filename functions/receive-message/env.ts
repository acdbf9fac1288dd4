import * as z from 'zod';
import { endpointEnv, intakeEnv } from '../../shared/adapters/endpoint-stores.ts';
import { readEnv } from '../../shared/runtime/env.ts';

export const env = readEnv(z.object({ ...endpointEnv, ...intakeEnv }));
