import { describe, expect, it } from 'vitest';
import { isCountry } from '../../../shared/domain/qualification/countries.ts';
import { AFFILIATE_ID, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { verdictOf } from '../../support/qualification.ts';

describe('allowed countries', () => {
  const check = { kind: 'allowed_countries', countries: ['DE', 'AT'] } as const;

  it.each([
    ['one of them', 'AT', undefined, 'passed'],
    ['another', 'CH', undefined, 'country_not_allowed'],
    ['another, optional', 'CH', true, 'country_not_allowed'],
    ['none named', undefined, undefined, 'country_missing'],
    ['none named, optional', undefined, true, 'passed'],
  ])('%s', (_case, country, optional, expected) => {
    expect(verdictOf({ ...check, optional }, { country })).toBe(expected);
  });
});

describe('a country', () => {
  it.each([
    ['GB', true],
    ['XK', false],
    ['UK', false],
    ['gb', false],
    ['GBR', false],
    ['', false],
  ])('%s: %s', (code, expected) => {
    expect(isCountry(code)).toBe(expected);
  });
});

const facts = {
  source: 'google',
  affiliateId: AFFILIATE_ID,
  email: { syntaxValid: true, domain: 'gmail.com', disposable: false },
  subIds: { sub1: 'Blog-7' },
};

describe('an allow list', () => {
  it.each([
    ['source', ['google', 'bing'], 'passed'],
    ['source', ['bing'], 'source_not_allowed'],
    ['affiliate_id', [AFFILIATE_ID], 'passed'],
    ['affiliate_id', [OTHER_AFFILIATE_ID], 'source_not_allowed'],
    ['email_domain', ['Gmail.com'], 'passed'],
    ['email_domain', ['mail.com'], 'source_not_allowed'],
    ['sub1', ['blog-7'], 'passed'],
    ['sub1', ['blog'], 'source_not_allowed'],
    ['sub2', ['blog-7'], 'source_missing'],
  ])('of %s: %j', (of, values, expected) => {
    expect(verdictOf({ kind: 'allow_list', of, values }, facts)).toBe(expected);
  });

  it('passes without the fact where it is optional', () => {
    expect(verdictOf({ kind: 'allow_list', of: 'sub2', values: ['a'], optional: true }, facts)).toBe('passed');
  });
});

describe('a deny list', () => {
  it.each([
    ['source', ['google'], 'source_not_allowed'],
    ['source', ['bing'], 'passed'],
    ['affiliate_id', [AFFILIATE_ID], 'source_not_allowed'],
    ['email_domain', ['gmail.com'], 'source_not_allowed'],
    ['sub1', ['BLOG-7'], 'source_not_allowed'],
    ['sub1', ['blog-70'], 'passed'],
    ['sub2', ['blog-7'], 'passed'],
  ])('of %s: %j', (of, values, expected) => {
    expect(verdictOf({ kind: 'deny_list', of, values }, facts)).toBe(expected);
  });
});
