import type { Dialect, EndpointSetup, RawMessage, Reading, Verification } from '../dialects/dialect.ts';

/** What a message to an endpoint is: `message` is what was read of it, as it came or decrypted. */
export type ReadMessage =
  | { readonly kind: 'unverified'; readonly reason: string }
  | (Reading & { readonly verifiedBy: Extract<Verification, { ok: true }>['by']; readonly message: RawMessage });

/** Verifies and reads a message as its dialect does, whether it is taken or only tried. */
export function readMessage(dialect: Dialect, sent: RawMessage, setup: EndpointSetup): ReadMessage {
  const verified = dialect.verify(sent, setup);
  if (!verified.ok) return { kind: 'unverified', reason: verified.reason };
  const { message, by: verifiedBy } = verified;
  return { ...dialect.read(message, setup), verifiedBy, message };
}
