import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(z.object({ CATALOG_TABLE_NAME: requiredText, TALLIES_TABLE_NAME: requiredText }));
