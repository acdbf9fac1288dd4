import type { Dialect, EndpointSetup, RawMessage, Reading, Verification } from '../dialects/dialect.ts';
import type { Setups } from './endpoint-setup.ts';

/** What a message to an endpoint is: `message` is what was read of it, as it came or decrypted. */
export type ReadMessage =
  | { readonly kind: 'unverified'; readonly reason: string }
  | (Reading & { readonly verifiedBy: Extract<Verification, { ok: true }>['by']; readonly message: RawMessage });

/** Verifies and reads a message as its dialect does, whether it is taken or only tried: by the first setup that proves its sender. */
export function readMessage(dialect: Dialect, sent: RawMessage, [present, ...earlier]: Setups): ReadMessage {
  const read = readBy(dialect, sent, present);
  if (read.kind !== 'unverified') return read;
  for (const setup of earlier) {
    const known = readBy(dialect, sent, setup);
    if (known.kind !== 'unverified') return known;
  }
  return read;
}

function readBy(dialect: Dialect, sent: RawMessage, setup: EndpointSetup): ReadMessage {
  const verified = dialect.verify(sent, setup);
  if (!verified.ok) return { kind: 'unverified', reason: verified.reason };
  const { message, by: verifiedBy } = verified;
  return { ...dialect.read(message, setup), verifiedBy, message };
}
