import { describe, expect, it } from 'vitest';
import type { CheckOf } from '../../../shared/domain/qualification/check.ts';
import { runCheck } from '../../../shared/domain/qualification/run-check.ts';
import { signals, verdictOf } from '../../support/qualification.ts';

describe('required fields', () => {
  it.each([
    ['all given', ['email', 'field_age'], 'passed'],
    ['more than was asked', ['email', 'field_age', 'phone'], 'passed'],
    ['one of two', ['email'], 'field_missing'],
    ['none', [], 'field_missing'],
    ['nothing recorded', undefined, 'field_missing'],
  ])('%s', (_case, given, expected) => {
    expect(verdictOf({ kind: 'required_fields', fields: ['email', 'field_age'] }, { given })).toBe(expected);
  });

  it('tells which are missing', () => {
    const check = { kind: 'required_fields', fields: ['email', 'phone', 'field_age'] } as const;
    expect(runCheck(check, signals({ given: ['phone'] }), 'UTC')).toEqual({
      passed: false,
      reason: 'field_missing',
      input: 'without email, field_age',
      expected: 'given: email, phone, field_age',
    });
  });
});

describe('typed fields', () => {
  const typed = (type: CheckOf<'field_type'>['type'], bounds: { min?: number; max?: number } = {}) =>
    ({ kind: 'field_type', field: 'field_x', type, ...bounds }) as const;

  it.each([
    ['integer', '0', 'passed'],
    ['integer', '-12', 'passed'],
    ['integer', '999999999999999', 'passed'],
    ['integer', '9999999999999999', 'field_of_wrong_type'],
    ['integer', '1.0', 'field_of_wrong_type'],
    ['integer', '1e3', 'field_of_wrong_type'],
    ['integer', '+1', 'field_of_wrong_type'],
    ['integer', ' 1', 'field_of_wrong_type'],
    ['integer', 'many', 'field_of_wrong_type'],
    ['decimal', '12', 'passed'],
    ['decimal', '-12.5', 'passed'],
    ['decimal', '0.123456', 'passed'],
    ['decimal', '0.1234567', 'field_of_wrong_type'],
    ['decimal', '.5', 'field_of_wrong_type'],
    ['decimal', '1,5', 'field_of_wrong_type'],
    ['date', '1990-12-31', 'passed'],
    ['date', '2024-02-29', 'passed'],
    ['date', '1900-02-28', 'passed'],
    ['date', '1900-02-29', 'field_of_wrong_type'],
    ['date', '2023-02-29', 'field_of_wrong_type'],
    ['date', '1990-13-01', 'field_of_wrong_type'],
    ['date', '31.12.1990', 'field_of_wrong_type'],
    ['date', '0000-01-01', 'field_of_wrong_type'],
    ['boolean', 'true', 'passed'],
    ['boolean', 'NO', 'passed'],
    ['boolean', '1', 'passed'],
    ['boolean', '2', 'field_of_wrong_type'],
    ['boolean', 'on', 'field_of_wrong_type'],
  ] as const)('%s: %s', (type, value, expected) => {
    expect(verdictOf(typed(type), { fields: { field_x: value } })).toBe(expected);
  });

  it.each([
    ['below the least', '17', 'field_of_wrong_type'],
    ['the least', '18', 'passed'],
    ['the most', '99', 'passed'],
    ['over the most', '100', 'field_of_wrong_type'],
  ])('an integer %s', (_case, value, expected) => {
    expect(verdictOf(typed('integer', { min: 18, max: 99 }), { fields: { field_x: value } })).toBe(expected);
  });

  it.each([
    ['fails where it is absent', undefined, 'field_missing'],
    ['passes where it is absent and optional', true, 'passed'],
  ])('%s', (_case, optional, expected) => {
    expect(verdictOf({ ...typed('integer'), optional }, { fields: { field_y: '1' } })).toBe(expected);
  });

  it('fails of the wrong type though it is optional', () => {
    expect(verdictOf({ ...typed('integer'), optional: true }, { fields: { field_x: 'x' } })).toBe(
      'field_of_wrong_type',
    );
  });

  it('tells the type and its bounds', () => {
    const { input, expected } = runCheck(typed('integer', { min: 18 }), signals({ fields: { field_x: '17' } }), 'UTC');
    expect([input, expected]).toEqual(['17', 'field_x is a whole number, at least 18']);
  });
});

describe('allowed values', () => {
  const check = { kind: 'allowed_values', field: 'field_plan', values: ['Pro', 'team'] } as const;

  it.each([
    ['one of them', 'Pro', 'passed'],
    ['one of them in other case', 'TEAM', 'passed'],
    ['another', 'free', 'value_not_allowed'],
    ['the beginning of one', 'Pr', 'value_not_allowed'],
  ])('%s', (_case, value, expected) => {
    expect(verdictOf(check, { fields: { field_plan: value } })).toBe(expected);
  });

  it.each([
    [undefined, 'field_missing'],
    [true, 'passed'],
  ])('an absent one, optional: %s', (optional, expected) => {
    expect(verdictOf({ ...check, optional }, {})).toBe(expected);
  });

  it('tells the values, not all where there are many', () => {
    const values = Array.from({ length: 12 }, (_, index) => `v${index}`);
    const { expected } = runCheck({ ...check, values }, signals({ fields: { field_plan: 'x' } }), 'UTC');
    expect(expected).toBe('field_plan is one of v0, v1, v2, v3, v4, v5, v6, v7 and 4 more');
  });
});

describe('a honeypot', () => {
  it.each([
    ['filled in', ['field_website'], 'honeypot_filled'],
    ['left empty', [], 'passed'],
    ['not there', undefined, 'passed'],
  ])('%s', (_case, given, expected) => {
    expect(verdictOf({ kind: 'honeypot', field: 'field_website' }, { given })).toBe(expected);
  });
});
