/** How money is sent. */
export const PAYOUT_METHODS = ['sepa', 'paypal', 'wise'] as const;
export type PayoutMethod = (typeof PAYOUT_METHODS)[number];

/** A bank account in SEPA. IBAN and BIC are as they are written in files: upper case, without spaces. */
export interface SepaDestination {
  readonly method: 'sepa';
  /** The name of the account's holder. */
  readonly holder: string;
  readonly iban: string;
  readonly bic?: string | undefined;
}

export interface PayPalDestination {
  readonly method: 'paypal';
  readonly email: string;
}

/** A recipient of Wise: by IBAN, or else by e-mail, where Wise asks for the account itself. */
export interface WiseDestination {
  readonly method: 'wise';
  readonly holder: string;
  readonly receiver: 'person' | 'institution';
  readonly email?: string | undefined;
  readonly iban?: string | undefined;
}

/** Where an affiliate's money goes. */
export type Destination = SepaDestination | PayPalDestination | WiseDestination;

/** A destination by its parts, in one order: equal texts are equal destinations. */
const partsOf = (destination: Destination): (string | undefined)[] => {
  switch (destination.method) {
    case 'sepa':
      return ['sepa', destination.holder, destination.iban, destination.bic];
    case 'paypal':
      return ['paypal', destination.email];
    case 'wise':
      return ['wise', destination.holder, destination.receiver, destination.email, destination.iban];
  }
};

export const isSameDestination = (left: Destination, right: Destination): boolean =>
  JSON.stringify(partsOf(left)) === JSON.stringify(partsOf(right));

const SHOWN_CHARACTERS = 4;

/** The last four characters of an IBAN, or the first of an e-mail address with its domain: enough to tell it from another. */
function masked(text: string): string {
  const at = text.lastIndexOf('@');
  return at === -1 ? `…${text.slice(-SHOWN_CHARACTERS)}` : `${text.slice(0, 1)}…${text.slice(at)}`;
}

/** A destination as those see it who may not know the account. */
export function maskDestination(destination: Destination): Destination {
  switch (destination.method) {
    case 'sepa':
      return { method: 'sepa', holder: destination.holder, iban: masked(destination.iban) };
    case 'paypal':
      return { method: 'paypal', email: masked(destination.email) };
    case 'wise': {
      const { email, iban, ...rest } = destination;
      return {
        ...rest,
        ...(email !== undefined && { email: masked(email) }),
        ...(iban !== undefined && { iban: masked(iban) }),
      };
    }
  }
}

/** Letters that fall apart into no letter and accent. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ı: 'i',
  '&': '+',
};

const SEPA_TEXT = /^[A-Za-z0-9/\-?:().,'+ ]+$/;

/**
 * A text in the characters that every bank in SEPA takes (EPC217-08: Latin letters without accents, digits and some signs); undefined
 * where it has others, such as Greek letters.
 */
export function sepaText(text: string): string | undefined {
  const plain = text
    .replace(/[^\x20-\x7e]|&/gu, (character) => SPELLED[character] ?? character)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’`´]/gu, "'")
    .replace(/[‐-―_]/gu, '-');
  return SEPA_TEXT.test(plain) ? plain : undefined;
}
