import { describe, expect, it } from 'vitest';
import { linkedin } from '../../shared/dialects/linkedin.ts';
import { tiktok } from '../../shared/dialects/tiktok.ts';
import { setupsOf } from '../../shared/use-cases/endpoint-setup.ts';
import { readMessage } from '../../shared/use-cases/read-message.ts';
import { later, NOW } from '../support/builders.ts';
import { endpoint } from '../support/endpoints.ts';

const until = later(NOW, 1000);
const previous = (name: string) => ({ name, secret: `made-up-old-${name}`, until });

describe('a message that its sender proves by a secret that was replaced', () => {
  const secrets = { url_token: 'made-up-token', app_secret: 'made-up-secret' };
  const previousSecrets = [previous('url_token'), previous('app_secret')];
  const tiktoks = endpoint({ dialect: 'tiktok', settings: tiktok.settings.parse({}), secrets, previousSecrets });
  const read = (changed: Partial<typeof secrets>, at = NOW) => {
    const [{ settings }] = setupsOf(tiktoks, at);
    const message = tiktok.sample({ endpointId: 'ep', settings, secrets: { ...secrets, ...changed } }, NOW);
    return readMessage(tiktok, message, setupsOf(tiktoks, at));
  };

  it.each([
    ['none', {}],
    ['one', { url_token: 'made-up-old-url_token' }],
    ['the other', { app_secret: 'made-up-old-app_secret' }],
    ['both', { url_token: 'made-up-old-url_token', app_secret: 'made-up-old-app_secret' }],
  ])('is read as proven by it: %s', (_which, changed) => {
    expect(read(changed)).toMatchObject({ kind: 'told', verifiedBy: 'signature', told: [{ kind: 'conversion' }] });
  });

  it('is refused as soon as that has run out, and where it was never one', () => {
    expect(read({ url_token: 'made-up-old-url_token' }, until)).toMatchObject({ kind: 'unverified' });
    expect(read({ url_token: 'made-up-old-app_secret' })).toMatchObject({ kind: 'unverified' });
  });
});

it('a challenge is answered with the present secret', () => {
  const secrets = { client_secret: 'made-up-new', access_token: 'made-up' };
  const linkedins = endpoint({ dialect: 'linkedin', settings: linkedin.settings.parse({}), secrets });
  const query = 'challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0';
  const ask = (asked: typeof linkedins) => {
    const [present] = setupsOf(asked, NOW);
    return readMessage(linkedin, { ...linkedin.sample(present, NOW), method: 'GET', query }, setupsOf(asked, NOW));
  };
  const answered = ask(linkedins);
  expect(answered.kind).toBe('handshake');
  expect(ask({ ...linkedins, previousSecrets: [previous('client_secret')] })).toMatchObject(answered);
});
