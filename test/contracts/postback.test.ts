import { describe, expect, it } from 'vitest';
import { parseConversion, postbackParameters } from '../../shared/contracts/postback.ts';

const ORDER = { transaction_id: 'order-1' };

describe('what tells of the visitor', () => {
  it('is kept beside the contact data, what is empty left out', () => {
    const { contact, signals } = parseConversion({
      ...ORDER,
      email: 'jo@shop.example',
      ip: '192.0.2.7',
      user_agent: 'Mozilla/5.0',
      device_id: '',
      visitor_id: 'v1',
      country: 'DE',
      form_seconds: '12',
      consent_url: 'https://consent.example/c/1',
      consent_token: '',
    });
    expect([contact, signals]).toEqual([
      { email: 'jo@shop.example' },
      {
        ip: '192.0.2.7',
        user_agent: 'Mozilla/5.0',
        visitor_id: 'v1',
        country: 'DE',
        form_seconds: '12',
        consent_url: 'https://consent.example/c/1',
      },
    ]);
  });

  it.each([
    ['ip', '2001:db8::1'],
    ['ip', '::ffff:192.0.2.7'],
    ['ip', ''],
    ['country', ''],
    ['form_seconds', '0'],
    ['form_seconds', '999999'],
    ['form_seconds', ''],
    ['consent_url', ''],
    ['user_agent', 'x'.repeat(512)],
  ])('is taken: %s %s', (name, value) => {
    expect(postbackParameters.safeParse({ ...ORDER, [name]: value }).success).toBe(true);
  });

  it.each([
    ['ip', '192.0.2.256', 'must be an IPv4 or IPv6 address'],
    ['ip', '192.0.2.7:443', 'must be an IPv4 or IPv6 address'],
    ['ip', '{ip}', 'must be an IPv4 or IPv6 address'],
    ['country', 'UK', 'must be an upper-case ISO 3166-1 country, such as DE or GB'],
    ['country', 'de', 'must be an upper-case ISO 3166-1 country, such as DE or GB'],
    ['form_seconds', '1.5', 'must be a whole number of seconds, at most 999999'],
    ['form_seconds', '-1', 'must be a whole number of seconds, at most 999999'],
    ['form_seconds', '1000000', 'must be a whole number of seconds, at most 999999'],
    ['form_seconds', 12, 'must be a text'],
    ['consent_url', 'http://consent.example/1', 'must be an https URL of at most 512 characters'],
    ['consent_url', 'certificate 7', 'must be an https URL of at most 512 characters'],
    ['consent_url', `https://consent.example/${'x'.repeat(512)}`, 'must be an https URL of at most 512 characters'],
    ['user_agent', 'x'.repeat(513), 'must have at most 512 characters'],
    ['consent_token', 'x'.repeat(257), 'must have at most 256 characters'],
  ])('is refused: %s %s', (name, value, message) => {
    const { error } = postbackParameters.safeParse({ ...ORDER, [name]: value });
    expect(error?.issues.map((issue) => [issue.path, issue.message])).toEqual([[[name], message]]);
  });
});
