import { describe, expect, it } from 'vitest';
import type { Result } from '../../shared/dialects/dialect.ts';
import { vk } from '../../shared/dialects/vk.ts';
import { got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SECRET = 'madeUpSecret';
const setup = setupOf(vk, { secret: SECRET }, { groupId: '204700286', confirmation: 'a1b2c3d4' });
const lead = (object: string, over = '') =>
  `{"type":"lead_forms_new","object":{${object}},"group_id":204700286,"event_id":"8d1c1b2b","v":"5.199","secret":"${SECRET}"${over}}`;
const LEAD =
  '"lead_id":1001,"group_id":204700286,"user_id":210700286,"form_id":3,"form_name":"Callback","ad_id":77,"answers":[' +
  '{"key":"first_name","question":"Имя","answer":"Анна"},{"key":"last_name","question":"Фамилия","answer":"Иванова"},' +
  '{"key":"phone_number","question":"Телефон","answer":"+79161234567"},{"key":"email","question":"E-mail","answer":"anna@example.com"},' +
  '{"key":"custom_0","question":"Когда звонить?","answer":["Утром","Вечером"]}]';
const take = (body: string, endpoint = setup) => passage(vk, posted(body), endpoint);

describe('a message of VK', () => {
  it.each([
    ['that asks for the confirmation', '{"type":"confirmation","group_id":204700286}', 'nothing', 200, 'a1b2c3d4'],
    [
      'that asks with the secret',
      `{"type":"confirmation","group_id":204700286,"secret":"${SECRET}"}`,
      'nothing',
      200,
      'a1b2c3d4',
    ],
    [
      'that asks for another community',
      '{"type":"confirmation","group_id":1}',
      'nothing',
      400,
      'group_id must be 204700286, the community of the endpoint',
    ],
    ['of a lead', lead(LEAD), 'token', 200, 'ok'],
    ['of something else', lead('').replace('lead_forms_new', 'message_new'), 'token', 200, 'ok'],
    [
      'of a lead of another community',
      lead(LEAD).replace('"group_id":204700286,"event_id"', '"group_id":1,"event_id"'),
      'token',
      400,
      'group_id must be 204700286, the community of the endpoint',
    ],
    [
      'without the secret',
      lead(LEAD).replace(`,"secret":"${SECRET}"`, ''),
      'it carries no proof of its sender',
      403,
      'it carries no proof of its sender',
    ],
    [
      'with an empty secret',
      lead(LEAD).replace(SECRET, ''),
      'it carries no proof of its sender',
      403,
      'it carries no proof of its sender',
    ],
    [
      'with another secret',
      lead(LEAD).replace(SECRET, 'x'),
      'the proof of its sender is wrong',
      403,
      'the proof of its sender is wrong',
    ],
    [
      'with two secrets, the last of them wrong',
      lead(LEAD, ',"secret":"x"'),
      'the proof of its sender is wrong',
      403,
      'the proof of its sender is wrong',
    ],
    [
      'without a lead_id',
      lead('"form_id":3'),
      'token',
      400,
      'object.lead_id must be given: the platform’s id of the lead',
    ],
    [
      'that is no JSON',
      'type=confirmation',
      'it carries no proof of its sender',
      403,
      'it carries no proof of its sender',
    ],
  ])('%s', (_case, body, by, status, answer) => {
    const taken = take(body);
    expect([taken.by, taken.answer.status, taken.answer.body]).toEqual([by, status, answer]);
  });

  it('that is a GET proves nothing', () => {
    expect(passage(vk, got(''), setup).answer.status).toBe(403);
  });

  it('is told with its answers, several to a question among them', () => {
    expect(toldBy(take(lead(LEAD)))).toEqual([
      {
        kind: 'conversion',
        id: '1001',
        status: 'open',
        report: {
          source: 'vk',
          campaign: '3',
          parameters: {
            transaction_id: '204700286-1001',
            email: 'anna@example.com',
            phone: '+79161234567',
            first_name: 'Анна',
            last_name: 'Иванова',
            sub3: '77',
            sub4: '3',
          },
          fields: { custom_0: 'Утром, Вечером', vk_user_id: '210700286', form_name: 'Callback' },
        },
      },
    ]);
  });

  it.each([
    ['no ad', '"lead_id":1,"form_id":2,"answers":[]', { transaction_id: '204700286-1', sub4: '2' }],
    ['an ad that is zero', '"lead_id":1,"form_id":2,"ad_id":0', { transaction_id: '204700286-1', sub4: '2' }],
    [
      'ids beyond 2^53',
      '"lead_id":9007199254740993,"form_id":2',
      { transaction_id: '204700286-9007199254740993', sub4: '2' },
    ],
    [
      'an answer that is null',
      '"lead_id":1,"form_id":2,"answers":[{"key":"email","answer":null}]',
      { transaction_id: '204700286-1', sub4: '2' },
    ],
    [
      'a question without a key',
      '"lead_id":1,"form_id":2,"answers":[{"question":"Email","answer":"a@example.com"}]',
      { transaction_id: '204700286-1', sub4: '2', email: 'a@example.com' },
    ],
  ])('with %s', (_case, object, parameters) => {
    expect(toldBy(take(lead(object)))).toMatchObject([{ report: { parameters } }]);
    expect(toldBy(take(lead(object)))[0]).toHaveProperty('report.parameters', parameters);
  });

  it('of another community is another, though each counts its leads from 1', () => {
    const other = setupOf(vk, { secret: SECRET }, { groupId: '1', confirmation: 'a1' });
    const ofOther = lead(LEAD).replaceAll('"group_id":204700286', '"group_id":1');
    expect(toldBy(take(ofOther, other))).toMatchObject([
      { id: '1001', report: { parameters: { transaction_id: '1-1001' } } },
    ]);
  });

  it('of whoever tries the forms is a test', () => {
    const endpoint = setupOf(
      vk,
      { secret: SECRET },
      { groupId: '204700286', confirmation: 'a1', testEmails: ['anna@example.com'] },
    );
    expect(toldBy(take(lead(LEAD), endpoint))).toMatchObject([{ kind: 'test', id: '1001' }]);
  });

  it('is answered ok where it is refused: sent again it would be refused again, until VK turns the server off', () => {
    const refuse = (told: Result['told']): Result => ({ kind: 'refused', told, code: 'unknown', errors: [] });
    expect(passage(vk, posted(lead(LEAD)), setup, refuse).answer).toMatchObject({ status: 200, body: 'ok' });
  });

  it('that could not be kept is asked for again', () => {
    expect(vk.answer({ kind: 'unavailable' }, posted(lead(LEAD)), setup).status).toBe(503);
  });

  it('has a sample that is believed', () => {
    const taken = passage(vk, vk.sample(setup, RECEIVED_AT), setup);
    expect([taken.by, taken.answer.body]).toEqual(['token', 'ok']);
  });
});
