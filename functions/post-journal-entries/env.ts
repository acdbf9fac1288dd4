import * as z from 'zod';
import { announcementEnv } from '../../shared/adapters/announcement-stores.ts';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({ ...announcementEnv, JOURNAL_TABLE_NAME: requiredText, NETWORK_TIME_ZONE: timeZone }),
);
