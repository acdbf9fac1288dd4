import { describe, expect, it } from 'vitest';
import { createContactChecks } from '../../shared/adapters/contact-checks.ts';

const checks = createContactChecks();

describe('an e-mail address', () => {
  const valid = (domain: string, disposable = false) => ({ syntaxValid: true, domain, disposable });
  const invalid = { syntaxValid: false, disposable: false };

  it.each([
    ['jo@shop.example', valid('shop.example')],
    ['Jo.O+tag@Shop.Example', valid('shop.example')],
    ['jo@mailinator.com', valid('mailinator.com', true)],
    ['jo@sub.MAILINATOR.com', valid('sub.mailinator.com', true)],
    ['jo@notmailinator.com.example', valid('notmailinator.com.example')],
    ['jo@müller.example', valid('xn--mller-kva.example')],
    ['jo', invalid],
    ['@shop.example', invalid],
    ['jo@', invalid],
    ['jo@shop', invalid],
    ['jo@shop..example', invalid],
    ['jo @shop.example', invalid],
    ['jo@a@shop.example', invalid],
    [`${'j'.repeat(241)}@shop.example`, valid('shop.example')],
    [`${'j'.repeat(242)}@shop.example`, invalid],
  ])('%s', async (address, expected) => {
    expect(await checks.email(address)).toEqual(expected);
  });
});

describe('a phone number', () => {
  it.each([
    ['+49 30 901820', undefined, { valid: true, country: 'DE' }, '+4930901820'],
    ['030 901820', 'DE', { valid: true, country: 'DE' }, '+4930901820'],
    ['0044 20 7946 0958', 'DE', { valid: true, country: 'GB' }, '+442079460958'],
    ['+1 416 555 0100', 'US', { valid: true, country: 'CA' }, '+14165550100'],
    ['030 901820', undefined, { valid: false }, '030901820'],
    ['030 901820', 'ZZ', { valid: false }, '030901820'],
    ['+49 1', 'DE', { valid: false }, '491'],
    ['call +49 30 901820 now', 'DE', { valid: false }, '4930901820'],
    ['none', 'DE', { valid: false }, undefined],
  ])('%s, dialled in %s', async (number, country, expected, oneForm) => {
    expect(await checks.phone(number, country)).toEqual(expected);
    expect(await checks.phoneNumber(number, country)).toBe(oneForm);
  });
});

describe('a user agent', () => {
  it.each([
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      false,
    ],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true],
    ['curl/8.5.0', true],
  ])('%s', (userAgent, expected) => {
    expect(checks.isBot(userAgent)).toBe(expected);
  });
});
