import type * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import type { DialectName } from './names.ts';

/** A message as it reached an endpoint, nothing decoded: what a signature covers is the bytes that were sent. */
export interface RawMessage {
  readonly method: 'GET' | 'POST';
  /** Below the endpoint's URL, or at the root of its own domain, without the first slash: `aff_lsr`; empty for the URL itself. */
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly receivedAt: Instant;
  /** The address that it came from, where that is known. */
  readonly ip?: string | undefined;
}

/** What an endpoint was set up with, as far as its dialect looks at it; parsed by the dialect's own schemas. */
export interface EndpointSetup {
  readonly endpointId: string;
  /** Where senders reach it, without a slash at the end; known where a message has come in. */
  readonly url?: string | undefined;
  readonly secrets: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Whether a message is its sender's. `by` tells what proves it: with `nothing`, whoever knows the URL could have sent it. `message` is
 * what is read from then on: as it came, or decrypted.
 */
export type Verification =
  | { readonly ok: true; readonly by: 'signature' | 'token' | 'nothing'; readonly message: RawMessage }
  | { readonly ok: false; readonly reason: string };

/** What a sender reports of a conversion, in its own ids and our parameter names; nothing of it is checked yet. */
export interface Report {
  /** The click id that the sender gives back: one of ours, or of the tracker that the network moved here from. */
  readonly click?: string | undefined;
  /** What the sender calls the campaign: its offer, form or shop. */
  readonly campaign?: string | undefined;
  /** What the sender calls the affiliate. */
  readonly affiliate?: string | undefined;
  /** The ad platform whose form the lead comes from, such as `google_ads`: the source of the lead where no click is known. */
  readonly source?: string | undefined;
  /** When it happened, where the sender tells; else when the message came. */
  readonly occurredAt?: Instant | undefined;
  /** By the names of parameters of `/postback`: `transaction_id`, `event`, `amount`, `currency`, `gclid`, `sub1`, `email`, `ip`, ... */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the sender gives and we have no name for, by the sender's names: kept with the lead's contact data, never refused. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What is given back, as a decimal, of what `total` says or, where the sender does not tell it, of the `amount` that the conversion was told with. */
export interface ReturnedPart {
  readonly refunded: string;
  readonly total?: string | undefined;
  /** Of `refunded`. */
  readonly currency?: string | undefined;
}

/** One thing that a message tells. `id` is the sender's own of it, as text: what people look for in the log. */
export type Told =
  | {
      readonly kind: 'conversion';
      readonly id: string;
      readonly report: Report;
      /**
       * `open`: the campaign's confirmation mode decides. `pending`: the sender has not decided yet. `approved` and `declined`: its word on a
       * conversion, new or told before. `opt_in`: the person must first open a link that was mailed; then it is `open`.
       */
      readonly status: 'open' | 'pending' | 'approved' | 'declined' | 'opt_in';
    }
  | {
      /** A refund, chargeback or cancellation of a conversion that was told before: by its `id` it is taken once, however often it comes. */
      readonly kind: 'return';
      readonly id: string;
      /**
       * Names the conversion: its `transaction_id` and `event`, and the campaign where the sender names one; click, affiliate and amount tell it
       * from another of the same number.
       */
      readonly report: Report;
      readonly reason: string;
      /** Left out: all that is left. */
      readonly part?: ReturnedPart | undefined;
    }
  /** A notice without the data: they are fetched from the platform's API, see `Dialect.fetch`. */
  | { readonly kind: 'fetch'; readonly id: string; readonly about: Readonly<Record<string, string>> }
  | {
      /** The person has asked for deletion: contact data are erased, and what was billed is taken back unless `keepsLead`: an order stays one. */
      readonly kind: 'erasure';
      readonly id: string;
      readonly report: Report;
      readonly reason: string;
      readonly keepsLead?: boolean | undefined;
    }
  /** A test of the sender's: shown in the log with the verdict that it would get. It makes no lead, so that it blocks none. */
  | { readonly kind: 'test'; readonly id: string; readonly report: Report }
  /** Nothing that concerns leads; kept in the log. */
  | { readonly kind: 'ignored'; readonly id: string; readonly reason: string };

export interface BadField {
  readonly field: string;
  readonly message: string;
}

export type Reading =
  | { readonly kind: 'told'; readonly told: readonly Told[] }
  /** A handshake, challenge or ping: it has its answer already. */
  | { readonly kind: 'handshake'; readonly answer: Answer }
  | { readonly kind: 'unreadable'; readonly errors: readonly BadField[] };

/** What became of one thing that was told. */
export type Result =
  | {
      readonly kind: 'taken';
      readonly told: Told;
      readonly status:
        | 'confirmed'
        | 'pending'
        | 'rejected'
        | 'reversed'
        | 'duplicate'
        | 'queued'
        | 'erased'
        | 'test'
        | 'ignored';
      readonly reason?: string | undefined;
      readonly receiptId?: string | undefined;
      readonly leadId?: string | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly told: Told;
      /** `conflict`: told before with other content. `unknown`: there is no such click, campaign, affiliate or lead. */
      readonly code: 'invalid' | 'unknown' | 'forbidden' | 'conflict';
      readonly errors: readonly BadField[];
      readonly receiptId?: string | undefined;
    };

/** What became of a message. `unavailable`: nothing was kept, and the sender must send it again. */
export type Outcome =
  | { readonly kind: 'results'; readonly results: readonly Result[] }
  | { readonly kind: 'unverified'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly errors: readonly BadField[] }
  | { readonly kind: 'unavailable' };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Where the sender sends again only what was not answered in time: the answer is held back so long. Milliseconds. */
  readonly afterMs?: number | undefined;
}

/** What a platform's API answered. */
export interface FetchResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What such an answer tells. `later`: the platform cannot tell now, and is asked again; `gone`: it never will. */
export type Fetched =
  | { readonly kind: 'told'; readonly told: Extract<Told, { kind: 'conversion' | 'test' }> }
  | { readonly kind: 'later'; readonly reason: string }
  | { readonly kind: 'gone'; readonly reason: string };

/** A request to a platform's API, and what its answer tells. */
export interface Fetch {
  request(
    about: Readonly<Record<string, string>>,
    setup: EndpointSetup,
  ): { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  read(response: FetchResponse, about: Readonly<Record<string, string>>, setup: EndpointSetup): Fetched;
}

/** How one system speaks: pure, without clock, store or network. */
export interface Dialect {
  readonly name: DialectName;
  /** As people call it: `TUNE (HasOffers)`. */
  readonly title: string;
  /** Where its callers look for it on a network's own domain, in API Gateway syntax without the first slash: `aff_lsr`, `{postbackKey}/postback`. */
  readonly paths: readonly string[];
  /** Texts, by name; each described. */
  readonly secrets: z.ZodObject;
  readonly settings: z.ZodObject;
  /** What is wrong with settings and secrets that are right each by itself, as `settings.advertiserId`. */
  faultsOf?(setup: Pick<EndpointSetup, 'secrets' | 'settings'>): readonly BadField[];
  /** Secrets that nobody but the endpoint itself needs: random ones are made with it where they are not given. */
  readonly madeSecrets?: readonly string[] | undefined;
  /** Secrets that are shown to the platform's API, and prove no sender. */
  readonly shownSecrets?: readonly string[] | undefined;
  /** How long the sender waits for its answer, in milliseconds, where that is less than 4 seconds. */
  readonly budgetMs?: number | undefined;
  verify(message: RawMessage, setup: EndpointSetup): Verification;
  /** Reads what was verified. */
  read(message: RawMessage, setup: EndpointSetup): Reading;
  /** In the form that the sender's side reads. */
  answer(outcome: Outcome, message: RawMessage, setup: EndpointSetup): Answer;
  /** A message as the sender would send it to this endpoint, signed with its secrets: for a test-fire, and as documentation. */
  sample(setup: EndpointSetup, now: Instant): RawMessage;
  readonly fetch?: Fetch | undefined;
}
