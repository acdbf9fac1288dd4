import type { DialectName } from '../dialects/names.ts';
import type { PreviousSecret } from '../domain/endpoints/previous-secrets.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { ListPage } from './list-page.ts';

/** What a sender's names stand for here, by the sender's own. */
export interface EndpointMapping {
  /** References of campaigns. */
  readonly campaigns: Readonly<Record<string, string>>;
  /** References of affiliates. */
  readonly affiliates: Readonly<Record<string, string>>;
  readonly events: Readonly<Record<string, string>>;
  /** Parameters of `/postback`, by the sender's fields that are to be read as them. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Where one sender reports to, in its own dialect. */
export interface Endpoint {
  readonly endpointId: string;
  readonly dialect: DialectName;
  readonly label?: string | undefined;
  /** It speaks for campaigns of this advertiser alone. */
  readonly advertiserId?: string | undefined;
  /** Whatever comes here is for this campaign. */
  readonly campaignId?: string | undefined;
  /** Whatever comes here is this affiliate's. */
  readonly affiliateId?: string | undefined;
  readonly mapping: EndpointMapping;
  /** What stands before the sender's transactions here, so that those of another are not taken for them. */
  readonly transactionPrefix?: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Those that were replaced, in this order; some may have run out. */
  readonly previousSecrets?: readonly PreviousSecret[] | undefined;
  /** Whether a message counts as its sender's word, whatever proves it; undefined: where a signature or token does. */
  readonly trust?: 'confirm' | 'pending' | undefined;
  /** A host name at whose root the paths of the dialect work too. */
  readonly domain?: string | undefined;
  readonly status: 'active' | 'paused';
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Counts from 1. */
  readonly version: number;
}

/** Reads of endpoints where messages come in; up to 5 s old, and up to a day while the store does not answer. Throws StoreUnavailable. */
export interface EndpointReader {
  byId(endpointId: string): Promise<Endpoint | undefined>;
  byDomain(domain: string): Promise<Endpoint | undefined>;
  /** The form of a campaign. */
  byForm(campaignId: string): Promise<Endpoint | undefined>;
}

/** `domain_taken`: the domain is another endpoint's. `form_taken`: the campaign has a form already. */
export type EndpointWriteResult = 'written' | 'domain_taken' | 'form_taken';

/** The write side. Secrets are kept encrypted. Every call throws StoreUnavailable where the store does not answer. */
export interface EndpointStore {
  get(endpointId: string): Promise<Endpoint | undefined>;
  /** In the order in which they were made. */
  list(limit: number, after?: string): Promise<ListPage<Endpoint>>;
  create(endpoint: Endpoint): Promise<EndpointWriteResult>;
  /** Puts an endpoint in the place of what it was, which is one version older. Throws VersionConflict where it has changed since. */
  replace(was: Endpoint, endpoint: Endpoint): Promise<EndpointWriteResult>;
  /** Takes it away with its secrets and its domain. Throws VersionConflict as `replace`. */
  remove(endpoint: Endpoint): Promise<void>;
}

/** What became of one thing that a message told: a row of the log. Parameters are redacted. */
export interface LoggedTold {
  /** The sender's own. */
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly receiptId?: string | undefined;
  readonly leadId?: string | undefined;
  readonly errors?: readonly { readonly field: string; readonly message: string }[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** A message of an endpoint as people see it: without secrets, and with what tells of persons masked. */
export interface LoggedMessage {
  readonly endpointId: string;
  /** Rises with time. */
  readonly messageId: string;
  /** From 0: a message that tells much is kept in parts of `LOGGED_PART` rows. */
  readonly part: number;
  readonly receivedAt: Instant;
  readonly method: string;
  readonly outcome: 'results' | 'handshake' | 'unverified' | 'unreadable' | 'unavailable' | 'paused';
  /** What proved the sender. */
  readonly verifiedBy?: 'signature' | 'token' | 'nothing' | undefined;
  readonly reason?: string | undefined;
  readonly errors?: readonly { readonly field: string; readonly message: string }[] | undefined;
  /** The HTTP status that was answered. */
  readonly answered: number;
  readonly told: readonly LoggedTold[];
}

/** How many things that a message tells stand in one part of its log, and in one message of a queue. */
export const LOGGED_PART = 10;

/** What an endpoint was sent, for 30 days. */
export interface MessageLog {
  put(message: LoggedMessage): Promise<void>;
  /** Puts what became of a thing later in the place of what was known of it; does nothing where the message is not kept. */
  settle(at: ToldPlace, told: LoggedTold): Promise<void>;
  /** Newest first. */
  list(endpointId: string, limit: number, after?: string): Promise<ListPage<LoggedMessage>>;
}

/** Where in the log a thing stands. */
export interface ToldPlace {
  readonly endpointId: string;
  readonly messageId: string;
  readonly part: number;
  /** In its part, from 0. */
  readonly row: number;
}
