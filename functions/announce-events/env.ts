import * as z from 'zod';
import { announcementEnv } from '../../shared/adapters/announcement-stores.ts';
import { readEnv } from '../../shared/runtime/env.ts';

export const env = readEnv(z.object(announcementEnv));
