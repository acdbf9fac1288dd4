import type { EmailSignal, PhoneSignal } from '../domain/qualification/signals.ts';

/** What can be found out about contact data without asking anybody. */
export interface ContactChecks {
  email(address: string): Promise<EmailSignal>;
  /** `country` (ISO 3166-1 alpha-2) is where a number without a country code is dialled. */
  phone(number: string, country: string | undefined): Promise<PhoneSignal>;
  /** A number in one form, however it is written: E.164 where it is valid, else its digits. Undefined where it has none. */
  phoneNumber(number: string, country: string | undefined): Promise<string | undefined>;
  isBot(userAgent: string): boolean;
}
