import { type Instant, instantOf, millisecondsOf } from '../time/calendar.ts';

type Secrets = Readonly<Record<string, string>>;

/** A secret that another took the place of. Its sender may use it until then. */
export interface PreviousSecret {
  readonly name: string;
  readonly secret: string;
  readonly until: Instant;
}

interface KnownSecrets {
  readonly secrets: Secrets;
  /** In the order in which they were replaced. */
  readonly previousSecrets?: readonly PreviousSecret[] | undefined;
}

/** How long a sender has to change what it proves itself with: both sides cannot change at one moment. */
const OVERLAP_MS = 24 * 3_600_000;
/** The most that are kept at once; of more, the last. */
const MAX_PREVIOUS = 4;

/** The previous secrets once `secrets` are the present ones. What is taken away, and not replaced, ends with its previous ones at once. */
export const previousSecretsAfter = (
  { secrets: before, previousSecrets = [] }: KnownSecrets,
  secrets: Secrets,
  now: Instant,
): readonly PreviousSecret[] => {
  const until = instantOf(millisecondsOf(now) + OVERLAP_MS);
  return [
    ...previousSecrets.filter((previous) => now < previous.until),
    ...Object.entries(before).map(([name, secret]) => ({ name, secret, until })),
  ]
    .filter(({ name, secret }) => Object.hasOwn(secrets, name) && secrets[name] !== secret)
    .slice(-MAX_PREVIOUS);
};

/** Every choice of secrets by which a sender may prove itself beside the present ones: with one or more of the previous. */
export function earlierSecrets({ secrets, previousSecrets = [] }: KnownSecrets, now: Instant): readonly Secrets[] {
  const valid = previousSecrets.filter(({ until }) => now < until);
  const [, ...earlier] = Object.entries(secrets).reduce<readonly Secrets[]>(
    (choices, [name, present]) =>
      [present, ...valid.filter((previous) => previous.name === name).map(({ secret }) => secret)].flatMap((secret) =>
        choices.map((choice) => ({ ...choice, [name]: secret })),
      ),
    [{}],
  );
  return earlier;
}
