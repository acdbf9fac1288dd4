import { type HttpResult, json } from '../../shared/runtime/http.ts';

const RETRY_AFTER_SECONDS = 5;

/** Sends whoever asks to a link that opens a file for a few minutes. */
export const seeOther = (location: string): HttpResult => ({
  statusCode: 303,
  headers: { location, 'cache-control': 'no-store' },
});

/** 202: the file will be there; ask again. */
export const beingWritten = (name: string): HttpResult =>
  json(202, { status: 'rendering', detail: `${name} is being written.` }, { 'retry-after': `${RETRY_AFTER_SECONDS}` });
