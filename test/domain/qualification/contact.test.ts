import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../shared/domain/qualification/run-check.ts';
import { signals, verdictOf } from '../../support/qualification.ts';

const good = { syntaxValid: true, domain: 'shop.example', disposable: false };
const disposable = { syntaxValid: true, domain: 'mailinator.com', disposable: true };
const bad = { syntaxValid: false, disposable: false };

describe('an e-mail address', () => {
  it.each([
    ['valid', good, undefined, 'passed'],
    ['valid and disposable', disposable, undefined, 'passed'],
    ['invalid', bad, undefined, 'email_invalid'],
    ['invalid, optional', bad, true, 'email_invalid'],
    ['absent', undefined, undefined, 'email_missing'],
    ['absent, optional', undefined, true, 'passed'],
  ])('by its syntax: %s', (_case, email, optional, expected) => {
    expect(verdictOf({ kind: 'email_syntax', optional }, { email })).toBe(expected);
  });

  it.each([
    ['of a lasting provider', good, undefined, 'passed'],
    ['of a disposable one', disposable, undefined, 'email_disposable'],
    ['invalid', bad, undefined, 'email_invalid'],
    ['absent', undefined, undefined, 'email_missing'],
    ['absent, optional', undefined, true, 'passed'],
    ['disposable, optional', disposable, true, 'email_disposable'],
  ])('by its provider: %s', (_case, email, optional, expected) => {
    expect(verdictOf({ kind: 'email_not_disposable', optional }, { email })).toBe(expected);
  });
});

describe('a phone number', () => {
  it.each([
    ['valid, of any country', { valid: true, country: 'FR' }, undefined, undefined, 'passed'],
    ['valid, of no one country', { valid: true }, undefined, undefined, 'passed'],
    ['invalid', { valid: false }, undefined, undefined, 'phone_invalid'],
    ['of a country that is taken', { valid: true, country: 'AT' }, ['DE', 'AT'], undefined, 'passed'],
    ['of another country', { valid: true, country: 'FR' }, ['DE', 'AT'], undefined, 'phone_country_not_allowed'],
    ['of no one country, where it matters', { valid: true }, ['DE'], undefined, 'phone_country_not_allowed'],
    ['absent', undefined, ['DE'], undefined, 'phone_missing'],
    ['absent, optional', undefined, ['DE'], true, 'passed'],
    ['of another country, optional', { valid: true, country: 'FR' }, ['DE'], true, 'phone_country_not_allowed'],
  ])('%s', (_case, phone, countries, optional, expected) => {
    expect(verdictOf({ kind: 'phone', countries, optional }, { phone })).toBe(expected);
  });

  it('is not told in the explanation, its country is', () => {
    const { input, expected } = runCheck(
      { kind: 'phone', countries: ['DE'] },
      signals({ phone: { valid: true, country: 'FR' } }),
      'UTC',
    );
    expect([input, expected]).toEqual(['a valid number of FR', 'a valid phone number of DE']);
  });
});
