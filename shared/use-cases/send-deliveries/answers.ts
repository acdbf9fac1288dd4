import type { Attempt } from '../../domain/deliveries/delivery.ts';
import { KEPT_DETAIL } from '../../domain/deliveries/progress.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { OutgoingResponse } from '../../ports/outgoing-http.ts';

/** Whether what was sent has arrived: any 2xx; a redirect is none. */
export const isSuccess = (response: OutgoingResponse): boolean =>
  response.kind === 'answered' && response.status >= 200 && response.status < 300;

/**
 * What is kept of an attempt, by what was answered to it. `isPersonal`: what is answered may repeat contact data, which are not kept here.
 */
export function attemptOf(response: OutgoingResponse, at: Instant, isPersonal: boolean): Attempt {
  const { tookMs } = response;
  if (response.kind !== 'answered') return { at, tookMs, detail: response.reason };
  const { status, body } = response;
  if (isPersonal || isSuccess(response)) return { at, tookMs, status };
  const text = new TextDecoder()
    .decode(body)
    .replaceAll(/\p{C}+/gu, ' ')
    .trim();
  return { at, tookMs, status, detail: [...text].slice(0, KEPT_DETAIL).join('') };
}
