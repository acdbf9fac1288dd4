const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 26;
const TIME_BYTES = 6;
/** How many bytes a ULID is of: 6 of time in milliseconds, 10 of chance. */
export const ULID_BYTES = 16;
/** What a ULID looks like, to stand in a longer pattern. */
export const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
/** The ULID of nothing. */
export const NO_ULID = '0'.repeat(CHARACTERS);

/** 128 bits as a ULID writes them, in Crockford's base 32 (github.com/ulid/spec). */
export function ulidText(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < CHARACTERS; index += 1) {
    text = CROCKFORD.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

export function ulidBytes(ulid: string): Uint8Array {
  let value = 0n;
  for (const character of ulid) value = value * 32n + BigInt(CROCKFORD.indexOf(character));
  const bytes = new Uint8Array(ULID_BYTES);
  for (let index = ULID_BYTES - 1; index >= 0; index -= 1) {
    bytes[index] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

/** The time in milliseconds that the bytes of a ULID begin with. */
export function timeOfUlid(bytes: Uint8Array): number {
  let timeMs = 0;
  for (const byte of bytes.subarray(0, TIME_BYTES)) timeMs = timeMs * 256 + byte;
  return timeMs;
}

/** The ULID of a time in milliseconds and 10 further bytes. */
export function ulidOf(timeMs: number, chance: Uint8Array): string {
  const time = new Uint8Array(TIME_BYTES);
  let rest = BigInt(timeMs);
  for (let index = TIME_BYTES - 1; index >= 0; index -= 1) {
    time[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return ulidText(Uint8Array.of(...time, ...chance));
}
