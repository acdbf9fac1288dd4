import { describe, expect, it } from 'vitest';
import { isSamePayee, maskPayee, type Payee, sepaText } from '../../../shared/domain/payouts/payee.ts';
import { SEPA } from '../../support/payouts.ts';

const WISE: Payee = {
  method: 'wise',
  holder: 'Sparrow Inc',
  receiver: 'institution',
  email: 'sparrow@mail.example',
  iban: 'NL91ABNA0417164300',
};

describe('a payee', () => {
  it.each<[Payee, Payee]>([
    [SEPA, { method: 'sepa', holder: SEPA.holder, iban: '…3000' }],
    [
      { method: 'paypal', email: 'sparrow@mail.example' },
      { method: 'paypal', email: 's…@mail.example' },
    ],
    [WISE, { ...WISE, email: 's…@mail.example', iban: '…4300' }],
  ])('is shown to others without what opens it: %j', (payee, expected) => {
    expect(maskPayee(payee)).toEqual(expected);
  });

  it.each<[Payee, Payee, boolean]>([
    [SEPA, { ...SEPA }, true],
    [SEPA, { ...SEPA, bic: undefined }, false],
    [SEPA, { ...SEPA, holder: 'Somebody else' }, false],
    [WISE, { ...WISE, receiver: 'person' }, false],
    [{ method: 'paypal', email: 'a@b.example' }, WISE, false],
  ])('is told from another by all of its parts', (left, right, expected) => {
    expect(isSamePayee(left, right)).toBe(expected);
  });
});

describe('a name in files of banks', () => {
  it.each([
    ['Müller & Söhne', 'Muller + Sohne'],
    ['Straße', 'Strasse'],
    ["L'Été – d’Or", "L'Ete - d'Or"],
    ['Łódź Øre', 'Lodz Ore'],
    ['Ação_1', 'Acao-1'],
  ])('%s is written %s', (name, expected) => {
    expect(sepaText(name)).toBe(expected);
  });

  it.each(['Ελλάς', '株式会社', 'Спарроу', 'a@b', 'x;y'])('%s cannot be written', (name) => {
    expect(sepaText(name)).toBeUndefined();
  });
});
