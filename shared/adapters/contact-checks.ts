/// <reference path="./mailchecker.d.ts" />
import { domainToASCII } from 'node:url';
import { isbot } from 'isbot';
import type { PhoneNumber } from 'libphonenumber-js';
import * as z from 'zod';
import type { EmailSignal } from '../domain/qualification/signals.ts';
import type { ContactChecks } from '../ports/contact-checks.ts';

/** RFC 5321, 4.5.3.1, less the angle brackets. */
const MAX_ADDRESS_CHARACTERS = 254;
const emailAddress = z.email().max(MAX_ADDRESS_CHARACTERS);

const INVALID_EMAIL: EmailSignal = { syntaxValid: false, disposable: false };

let disposableDomains: Promise<ReadonlySet<string>> | undefined;
let phoneNumbers: Promise<typeof import('libphonenumber-js')> | undefined;

const loadDisposableDomains = (): Promise<ReadonlySet<string>> => {
  disposableDomains ??= import('mailchecker').then((module) => module.default.blacklist());
  return disposableDomains;
};
const loadPhoneNumbers = (): Promise<typeof import('libphonenumber-js')> => {
  phoneNumbers ??= import('libphonenumber-js');
  return phoneNumbers;
};

/**
 * Checks contact data against lists that come with the code. The lists are large and stand beside the bundle: each is loaded by the
 * first lead of an instance that needs it.
 */
export function createContactChecks(): ContactChecks {
  async function parsePhone(number: string, country: string | undefined): Promise<PhoneNumber | undefined> {
    const { isSupportedCountry, parsePhoneNumberFromString } = await loadPhoneNumbers();
    const home = country !== undefined && isSupportedCountry(country) ? { defaultCountry: country } : {};
    // 00 is how most of the world dials what is written as +.
    return parsePhoneNumberFromString(number.replace(/^\s*00/, '+'), { ...home, extract: false });
  }

  return {
    async email(address) {
      const at = address.lastIndexOf('@');
      const domain = domainToASCII(address.slice(at + 1));
      if (!emailAddress.safeParse(`${address.slice(0, at)}@${domain}`).success) return INVALID_EMAIL;
      return { syntaxValid: true, domain, disposable: isBelow(domain, await loadDisposableDomains()) };
    },
    async phone(number, country) {
      const parsed = await parsePhone(number, country);
      return parsed?.isValid() === true ? { valid: true, country: parsed.country } : { valid: false };
    },
    async phoneNumber(number, country) {
      const parsed = await parsePhone(number, country);
      const digits = parsed?.isValid() === true ? parsed.number : number.replaceAll(/[^0-9]/g, '');
      return digits === '' ? undefined : digits;
    },
    isBot: isbot,
  };
}

/** Whether a domain, or one that it is below, is in the list. */
function isBelow(domain: string, listed: ReadonlySet<string>): boolean {
  const labels = domain.split('.');
  return labels.some((_, index) => listed.has(labels.slice(index).join('.')));
}
