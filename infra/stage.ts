import type { Node } from 'constructs';

/** What one deployment is asked to be, read once from the CDK context (`-c name=value`). */
export interface Stage {
  /** Prefix of every physical name: `leadledger-<name>-...`. Context `stage`, default `prod`. */
  readonly name: string;
  /** IANA time zone of the network's days and months, never changed once money is booked. Context `timeZone`, default `UTC`. */
  readonly timeZone: string;
  /** In whose name receipts are signed. Context `network`, such as `leads.example`; default `leadledger-<name>`. */
  readonly network: string;
  /** Context `alarmEmail`: who is told of an alarm; nobody is subscribed without it. */
  readonly alarmEmail: string | undefined;
  /** Context `financeEmail`: who gets links to the bundles of a month once it is closed; nobody without it. */
  readonly financeEmail: string | undefined;
  /**
   * Whether functions reserve their share of the account's concurrency. Context `reservedConcurrency=true`; off by default,
   * because a new account has 10 in all and refuses every reservation.
   */
  readonly reserveConcurrency: boolean;
  /** Requests a second that the API lets through, with twice as many in a burst. Context `requestsPerSecond`, default 2,000. */
  readonly requestsPerSecond: number;
  /**
   * Whether destinations may be on private addresses, on every port and without TLS, for trials on one machine. Context
   * `privateDestinations=true`; off by default, and never to be on where anybody else may name a destination.
   */
  readonly privateDestinations: boolean;
  /** Where the built functions are: one folder each. */
  readonly functionsDir: string;
}

/** Reads and checks the context. Throws a sentence that names the option and what it takes. */
export function readStage(node: Node, functionsDir: string): Stage {
  const name = matching(
    node,
    'stage',
    'prod',
    /^[a-z][a-z0-9-]{0,19}$/,
    'lower-case letters, digits and hyphens, 20 at most',
  );
  return {
    name,
    timeZone: timeZone(node),
    network: matching(
      node,
      'network',
      `leadledger-${name}`,
      /^[\x21-\x7e]{1,64}$/,
      '1 to 64 printable ASCII characters without spaces',
    ),
    alarmEmail: optionalText(node, 'alarmEmail'),
    financeEmail: optionalText(node, 'financeEmail'),
    reserveConcurrency: trueOrFalse(node, 'reservedConcurrency'),
    requestsPerSecond: Number(
      matching(node, 'requestsPerSecond', '2000', /^[1-9][0-9]{0,4}$/, 'a whole number from 1 to 99999'),
    ),
    privateDestinations: trueOrFalse(node, 'privateDestinations'),
    functionsDir,
  };
}

function trueOrFalse(node: Node, option: string): boolean {
  return matching(node, option, 'false', /^(true|false)$/, 'true or false') === 'true';
}

function optionalText(node: Node, option: string): string | undefined {
  const value: unknown = node.tryGetContext(option);
  return value === undefined ? undefined : String(value);
}

function matching(node: Node, option: string, fallback: string, pattern: RegExp, takes: string): string {
  const value = optionalText(node, option) ?? fallback;
  if (!pattern.test(value)) throw new Error(`context ${option}=${value}: it takes ${takes}`);
  return value;
}

function timeZone(node: Node): string {
  const value = optionalText(node, 'timeZone') ?? 'UTC';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new Error(`context timeZone=${value}: it takes an IANA time zone such as Europe/Berlin`);
  }
}

/** Where the secrets of a stage are in the parameter store. */
export function secretsPrefix(stageName: string): string {
  return `/leadledger/${stageName}/`;
}

/** The alias of the key that wraps the data key of the contact data. */
export function contactsKeyAlias(stageName: string): string {
  return `alias/leadledger-${stageName}-contacts`;
}

/** The name of a table, by its logical id. */
export function tableName(stageName: string, id: string): string {
  return `leadledger-${stageName}-${id.toLowerCase()}`;
}
