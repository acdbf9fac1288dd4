import type { RawMessage } from '../../shared/dialects/dialect.ts';
import { mediaTypeOf } from '../../shared/dialects/reading.ts';
import { invalidField } from '../../shared/runtime/problems.ts';

/**
 * A form in `multipart/form-data` as the same form URL-encoded, as its dialect reads it; files are passed over. Any other message as it is.
 * Throws 400 where it is broken.
 */
export async function asUrlEncoded(message: RawMessage): Promise<RawMessage> {
  if (mediaTypeOf(message) !== 'multipart/form-data') return message;
  const headers = { 'content-type': message.headers['content-type'] ?? '' };
  let form: FormData;
  try {
    form = await new Response(Buffer.from(message.body), { headers }).formData();
  } catch (error) {
    if (error instanceof TypeError) throw invalidField('body', 'must be multipart/form-data as its content type says');
    throw error;
  }
  const texts = [...form].filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return {
    ...message,
    headers: { ...message.headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(texts).toString()),
  };
}
