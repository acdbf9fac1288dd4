import fc from 'fast-check';
import { decodeTime } from 'ulid';
import { expect, it } from 'vitest';
import { timeOfUlid, ULID, ULID_BYTES, ulidBytes, ulidOf, ulidText } from '../../../shared/domain/ids/ulid.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

it('writes 128 bits as a ULID, and reads them back', () => {
  fc.assert(
    fc.property(bytes(ULID_BYTES), (given) => {
      const text = ulidText(given);
      expect(text).toMatch(new RegExp(`^${ULID}$`));
      expect([...ulidBytes(text)]).toEqual([...given]);
    }),
  );
});

it('begins with the time, as other readers of ULIDs find it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), bytes(10), (timeMs, chance) => {
      const ulid = ulidOf(timeMs, chance);
      expect([decodeTime(ulid), timeOfUlid(ulidBytes(ulid))]).toEqual([timeMs, timeMs]);
    }),
  );
});
