import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

describe('readEnv', () => {
  const schema = z.object({ LEADS_TABLE_NAME: requiredText, NETWORK_TIME_ZONE: timeZone });

  it('reads what its schema names, and no more', () => {
    expect(readEnv(schema, { LEADS_TABLE_NAME: 'Leads', NETWORK_TIME_ZONE: 'Europe/Berlin', HOME: '/' })).toEqual({
      LEADS_TABLE_NAME: 'Leads',
      NETWORK_TIME_ZONE: 'Europe/Berlin',
    });
  });

  it('names everything that is missing or wrong at once', () => {
    const read = () => readEnv(schema, { LEADS_TABLE_NAME: '', NETWORK_TIME_ZONE: 'Mars/Olympus' });
    expect(read).toThrow(/LEADS_TABLE_NAME/);
    expect(read).toThrow(/NETWORK_TIME_ZONE/);
    expect(() => readEnv(schema, {})).toThrow(/LEADS_TABLE_NAME[\s\S]*NETWORK_TIME_ZONE/);
  });
});
