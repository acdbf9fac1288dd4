import { isDay } from '../../time/calendar.ts';
import { absent, type Checker, type CheckOf, includesText, judged, listed } from '../check.ts';

/** Passes where every field was given. */
export const checkRequiredFields: Checker<'required_fields'> = ({ fields }, { given = [] }) => {
  const missing = fields.filter((field) => !given.includes(field));
  const input = missing.length === 0 ? 'all given' : `without ${listed(missing)}`;
  return judged(missing.length === 0, 'field_missing', input, `given: ${listed(fields)}`);
};

/** Passes where a custom field reads as its type, an integer within its bounds. */
export const checkFieldType: Checker<'field_type'> = (check, { fields }) => {
  const expected = `${check.field} is ${typeInWords(check)}`;
  const value = fields?.[check.field];
  if (value === undefined) return absent(check, 'field_missing', expected);
  return judged(isOfType(value, check), 'field_of_wrong_type', value, expected);
};

function isOfType(value: string, { type, min, max }: CheckOf<'field_type'>): boolean {
  switch (type) {
    case 'integer': {
      if (!/^-?[0-9]{1,15}$/.test(value)) return false;
      const number = Number.parseInt(value, 10);
      return (min === undefined || number >= min) && (max === undefined || number <= max);
    }
    case 'decimal':
      return /^-?[0-9]{1,15}(?:\.[0-9]{1,6})?$/.test(value);
    case 'date':
      return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) && existsInCalendar(value);
    case 'boolean':
      return /^(?:true|false|yes|no|1|0)$/i.test(value);
  }
}

function typeInWords({ type, min, max }: CheckOf<'field_type'>): string {
  switch (type) {
    case 'integer':
      return `a whole number${min === undefined ? '' : `, at least ${min}`}${max === undefined ? '' : `, at most ${max}`}`;
    case 'decimal':
      return 'a number such as 12.5';
    case 'date':
      return 'a date such as 1990-12-31';
    case 'boolean':
      return 'true or false, yes or no, 1 or 0';
  }
}

/** Birthdays lie before 1970: the same day 400 years later is in the calendar if, and only if, this one is. */
const existsInCalendar = (date: string): boolean => {
  const year = Number.parseInt(date.slice(0, 4), 10);
  return year > 0 && isDay(`${2000 + (year % 400)}${date.slice(4)}`);
};

/** Passes where a custom field has one of the values. */
export const checkAllowedValues: Checker<'allowed_values'> = (check, { fields }) => {
  const expected = `${check.field} is one of ${listed(check.values)}`;
  const value = fields?.[check.field];
  if (value === undefined) return absent(check, 'field_missing', expected);
  return judged(includesText(check.values, value), 'value_not_allowed', value, expected);
};

/** Passes where the field was left empty, or not sent at all. */
export const checkHoneypot: Checker<'honeypot'> = ({ field }, { given = [] }) => {
  const isFilled = given.includes(field);
  return judged(!isFilled, 'honeypot_filled', isFilled ? 'filled in' : 'empty', `${field} is left empty`);
};
