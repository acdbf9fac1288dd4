import type { Instant } from '../domain/time/calendar.ts';
import type { RawMessage } from './dialect.ts';

/** A sample of what senders call as a URL with parameters. */
export const sampleQuery = (
  parameters: Readonly<Record<string, string>>,
  receivedAt: Instant,
  path = '',
): RawMessage => ({
  method: 'GET',
  path,
  query: new URLSearchParams(parameters).toString(),
  headers: {},
  body: new Uint8Array(),
  receivedAt,
});

/** A sample of what senders post to the endpoint's own URL: JSON, unless the headers say otherwise. */
export const samplePost = (
  body: Uint8Array,
  receivedAt: Instant,
  headers: Readonly<Record<string, string>> = {},
): RawMessage => ({
  method: 'POST',
  path: '',
  query: '',
  headers: { 'content-type': 'application/json', ...headers },
  body,
  receivedAt,
});
