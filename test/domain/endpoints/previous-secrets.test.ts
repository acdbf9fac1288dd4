import { describe, expect, it } from 'vitest';
import { earlierSecrets, previousSecretsAfter } from '../../../shared/domain/endpoints/previous-secrets.ts';
import { later, NOW } from '../../support/builders.ts';

const DAY_MS = 86_400_000;
const until = later(NOW, DAY_MS);
const old = { name: 'key', secret: 'old', until };

describe('the secrets before a change', () => {
  it.each([
    ['one that is replaced stays for a day', { key: 'old' }, [], { key: 'new' }, [old]],
    ['one that stays is none of them', { key: 'old' }, [], { key: 'old' }, []],
    ['one that is new has none before it', {}, [], { key: 'new' }, []],
    ['one that is taken away ends with those before it', { key: 'new' }, [old], {}, []],
    [
      'of one that is put back only the other is left',
      { key: 'new' },
      [old],
      { key: 'old' },
      [{ ...old, secret: 'new' }],
    ],
    ['others stay while one is taken away', { key: 'new', token: 't' }, [old], { key: 'new' }, [old]],
    ['those that have run out are gone', { key: 'b' }, [{ ...old, until: NOW }], { key: 'b' }, []],
    ['those that run out a moment later are not', { key: 'b' }, [{ ...old, until: later(NOW, 1) }], { key: 'b' }, 1],
  ] as const)('%s', (_case, secrets, previousSecrets, present, expected) => {
    const after = previousSecretsAfter({ secrets, previousSecrets }, present, NOW);
    if (expected === 1) expect(after).toHaveLength(1);
    else expect(after).toEqual(expected);
  });

  it('are the last four, whoever changes them more often', () => {
    let known = { secrets: { key: '0' }, previousSecrets: previousSecretsAfter({ secrets: {} }, {}, NOW) };
    for (const key of ['1', '2', '3', '4', '5']) {
      const previousSecrets = previousSecretsAfter(known, { key }, NOW);
      known = { secrets: { key }, previousSecrets };
    }
    expect(known.previousSecrets.map(({ secret }) => secret)).toEqual(['1', '2', '3', '4']);
  });
});

describe('what a sender may prove itself with', () => {
  const secrets = { key: 'new', token: 't' };

  it('is the present alone where nothing was replaced', () => {
    expect(earlierSecrets({ secrets }, NOW)).toEqual([]);
    expect(earlierSecrets({ secrets: {} }, NOW)).toEqual([]);
  });

  it('is what was replaced too, up to the last moment of its day', () => {
    const known = { secrets, previousSecrets: [old] };
    expect(earlierSecrets(known, later(until, -1))).toEqual([{ key: 'old', token: 't' }]);
    expect(earlierSecrets(known, until)).toEqual([]);
  });

  it('is each of several, whichever the sender has changed by then', () => {
    const previousSecrets = [old, { name: 'token', secret: 's', until }, { name: 'key', secret: 'older', until }];
    const choices = earlierSecrets({ secrets, previousSecrets }, NOW).map(({ key, token }) => `${key} ${token}`);
    expect(choices.toSorted()).toEqual(['new s', 'old s', 'old t', 'older s', 'older t']);
  });
});
