import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { flag, readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

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

  it('takes true and false for a flag, and nothing that only looks like it', () => {
    const read = (PRIVATE_DESTINATIONS: string) =>
      readEnv(z.object({ PRIVATE_DESTINATIONS: flag }), { PRIVATE_DESTINATIONS });
    expect(read('true')).toEqual({ PRIVATE_DESTINATIONS: true });
    expect(read('false')).toEqual({ PRIVATE_DESTINATIONS: false });
    expect(() => read('')).toThrow(/PRIVATE_DESTINATIONS/);
    expect(() => read('1')).toThrow(/PRIVATE_DESTINATIONS/);
  });
});
