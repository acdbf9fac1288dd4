/** How money is sent. */
export const PAYOUT_METHODS = ['sepa', 'paypal', 'wise'] as const;
export type PayoutMethod = (typeof PAYOUT_METHODS)[number];

/** A bank account in SEPA. IBAN and BIC are as they are written in files: upper case, without spaces. */
export interface SepaPayee {
  readonly method: 'sepa';
  /** The name of the account's holder. */
  readonly holder: string;
  readonly iban: string;
  readonly bic?: string | undefined;
}

export interface PayPalPayee {
  readonly method: 'paypal';
  readonly email: string;
}

/** A recipient of Wise: by IBAN, or else by e-mail, where Wise asks for the account itself. */
export interface WisePayee {
  readonly method: 'wise';
  readonly holder: string;
  readonly receiver: 'person' | 'institution';
  readonly email?: string | undefined;
  readonly iban?: string | undefined;
}

/** Where an affiliate's money goes. */
export type Payee = SepaPayee | PayPalPayee | WisePayee;

/** A payee by its parts, in one order: equal texts are equal payees. */
const partsOf = (payee: Payee): (string | undefined)[] => {
  switch (payee.method) {
    case 'sepa':
      return ['sepa', payee.holder, payee.iban, payee.bic];
    case 'paypal':
      return ['paypal', payee.email];
    case 'wise':
      return ['wise', payee.holder, payee.receiver, payee.email, payee.iban];
  }
};

export const isSamePayee = (left: Payee, right: Payee): boolean =>
  JSON.stringify(partsOf(left)) === JSON.stringify(partsOf(right));

const SHOWN_CHARACTERS = 4;

/** The last four characters of an IBAN, or the first of an e-mail address with its domain: enough to tell it from another. */
function masked(text: string): string {
  const at = text.lastIndexOf('@');
  return at === -1 ? `…${text.slice(-SHOWN_CHARACTERS)}` : `${text.slice(0, 1)}…${text.slice(at)}`;
}

/** A payee as those see it who may not know the account. */
export function maskPayee(payee: Payee): Payee {
  switch (payee.method) {
    case 'sepa':
      return { method: 'sepa', holder: payee.holder, iban: masked(payee.iban) };
    case 'paypal':
      return { method: 'paypal', email: masked(payee.email) };
    case 'wise': {
      const { email, iban, ...rest } = payee;
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
