/** A request to somebody else's server. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What came of it. `refused`: it must not be sent there, as the address is not a public one. */
export type OutgoingResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** At most so many bytes as were asked for. */
      readonly body: Uint8Array;
      readonly tookMs: number;
    }
  | { readonly kind: 'unanswered' | 'refused'; readonly reason: string; readonly tookMs: number };

/** Never throws, never follows a redirect, never reaches an address that is not public. */
export type SendRequest = (
  request: OutgoingRequest,
  limits: { readonly timeoutMs: number; readonly maxBodyBytes: number },
) => Promise<OutgoingResponse>;
