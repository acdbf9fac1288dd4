import { describe, expect, it } from 'vitest';
import {
  type DestinationOwner,
  mistakable,
  ownersOf,
  postbackEvents,
  tellable,
  tellsFrom,
  templateFor,
  usualPostbackEvents,
  wants,
} from '../../../shared/domain/deliveries/destination.ts';
import { eventTypes } from '../../../shared/domain/deliveries/event.ts';
import { ADVERTISER_ID, AFFILIATE_ID, later, NOW } from '../../support/builders.ts';
import { postbackDestination, webhookDestination } from '../../support/destinations.ts';

const advertiser: DestinationOwner = { advertiserId: ADVERTISER_ID };
const affiliate: DestinationOwner = { affiliateId: AFFILIATE_ID };

describe('who is told', () => {
  it.each([
    ['lead.pending', [advertiser, affiliate, {}]],
    ['lead.confirmed', [advertiser, affiliate, {}]],
    ['lead.rejected', [advertiser, affiliate, {}]],
    ['lead.reversed', [advertiser, affiliate, {}]],
    ['lead.reversed_in_part', [advertiser, affiliate, {}]],
    ['lead.opt_in_requested', [advertiser, {}]],
    ['invoice.issued', [advertiser, {}]],
    ['statement.issued', [affiliate, {}]],
    ['payout.sent', [affiliate, {}]],
    ['payout.paid', [affiliate, {}]],
    ['payout.failed', [affiliate, {}]],
  ] as const)('of %s', (type, owners) => {
    expect(ownersOf({ type, ...advertiser, ...affiliate })).toEqual(owners);
  });

  it('is the network alone, where nobody else is concerned', () => {
    expect(ownersOf({ type: 'lead.rejected' })).toEqual([{}]);
  });

  it('is somebody, of every event; and postbacks tell of leads alone', () => {
    expect(tellable({})).toHaveLength(eventTypes.length);
    expect(postbackEvents.every((type) => type.startsWith('lead.') && type !== 'lead.opt_in_requested')).toBe(true);
  });
});

describe('what a destination wants', () => {
  const topic = { type: 'lead.confirmed', campaignId: 'cmp_1', leadEvent: 'sale', occurredAt: NOW } as const;
  it.each([
    ['all', {}, topic, true],
    ['its events', { events: ['lead.confirmed'] }, topic, true],
    ['no others', { events: ['lead.rejected'] }, topic, false],
    ['its campaigns', { campaigns: ['cmp_0', 'cmp_1'] }, topic, true],
    ['no other campaigns', { campaigns: ['cmp_0'] }, topic, false],
    ['its events of leads', { leadEvents: ['sale'] }, topic, true],
    ['no others of leads', { leadEvents: ['lead'] }, topic, false],
    [
      'what has no campaign, whatever its campaigns are',
      { campaigns: ['cmp_0'], leadEvents: ['lead'] },
      { type: 'payout.paid', occurredAt: NOW },
      true,
    ],
    ['nothing while it is paused', { status: 'paused' }, topic, false],
    ['what happens from when it was made', { since: NOW }, topic, true],
    ['nothing of before', { since: later(NOW, 1) }, topic, false],
    [
      'what is reported a little late',
      { since: NOW, createdAt: NOW },
      { ...topic, convertedAt: later(NOW, -3_600_000) },
      true,
    ],
    ['no history', { since: NOW, createdAt: NOW }, { ...topic, convertedAt: later(NOW, -3_600_001) }, false],
    [
      'what is reported after a pause, however late',
      { since: NOW },
      { ...topic, convertedAt: later(NOW, -86_400_000) },
      true,
    ],
    [
      'all of what it asks for',
      { events: ['lead.confirmed'], campaigns: ['cmp_1'], leadEvents: ['sale'] },
      topic,
      true,
    ],
  ] as const)('is %s', (_what, changes, of, expected) => {
    expect(wants(webhookDestination(changes), of)).toBe(expected);
  });
});

it('is told everything from five seconds after it was made or changed', () => {
  expect(tellsFrom(webhookDestination({ updatedAt: NOW }))).toBe(later(NOW, 5000));
});

describe('the template of a postback', () => {
  const of = (url: string, changes = {}) => ({ method: 'GET' as const, url: `https://t.example/${url}`, ...changes });
  const destination = postbackDestination({
    url: 'https://t.example/usual',
    templates: [
      of('rejected-sale', { events: ['lead.rejected'], leadEvents: ['sale'] }),
      of('sale', { leadEvents: ['sale'] }),
      of('reversed', { events: ['lead.reversed'] }),
    ],
  });
  it.each([
    ['the first that fits', 'lead.rejected', 'sale', 'rejected-sale'],
    ['one of an event of leads', 'lead.confirmed', 'sale', 'sale'],
    ['the first of two', 'lead.reversed', 'sale', 'sale'],
    ['one of an event', 'lead.reversed', 'lead', 'reversed'],
    ['the usual one', 'lead.confirmed', 'lead', 'usual'],
    ['the usual one, where half of another fits', 'lead.rejected', 'lead', 'usual'],
  ] as const)('is %s', (_which, type, leadEvent, url) => {
    expect(templateFor(destination, { type, leadEvent }).url).toBe(`https://t.example/${url}`);
  });
});

describe('what a tracker would take for a conversion that is paid', () => {
  const get = (url: string, changes = {}) => ({ method: 'GET' as const, url: `https://t.example/${url}`, ...changes });
  const usual = ['lead.confirmed', 'lead.rejected', 'lead.reversed'] as const;
  const cancels = { events: ['lead.rejected', 'lead.reversed'] };
  it.each([
    ['all that goes by a template that says nothing of it', get('?c={sub1}&p={payout}'), [], ['lead.confirmed']],
    ['nothing, by its status', get('?s={status}'), [], usual],
    ['nothing, by its reason', get('?s={reason}'), [], usual],
    ['nothing, by what another network calls it', get('?s={comment}'), [], usual],
    ['nothing, by the type of the event', get('?s={event_type}'), [], usual],
    ['nothing, by a status in the form', { ...get(''), method: 'POST', body: 's={status}' }, [], usual],
    ['nothing that has a template of its own', get('?c={sub1}'), [get('cancel', cancels)], usual],
    [
      'what no other template is for',
      get('?'),
      [get('no', { events: ['lead.rejected'] })],
      ['lead.confirmed', 'lead.rejected'],
    ],
    [
      'what another is for in some events of leads alone',
      get('?'),
      [get('no', { ...cancels, leadEvents: ['sale'] })],
      ['lead.confirmed'],
    ],
    ['nothing, where another says it of all', get('?c={sub1}'), [get('?s={status}')], usual],
    [
      'nothing that goes by a template that is never taken',
      get('?c={sub1}', { leadEvents: ['sale', 'lead'] }),
      [get('?s={status}', { leadEvents: ['sale'] }), get('?l={status}', { leadEvents: ['lead', 'call'] })],
      usual,
    ],
    [
      'what goes by its own where the others are not for all that it is told of',
      get('?c={sub1}', { leadEvents: ['sale', 'lead'] }),
      [get('?s={status}', { leadEvents: ['sale'] })],
      ['lead.confirmed'],
    ],
    [
      'what one template tells of different events of leads',
      get('?s={status}'),
      [
        get('?x={status}', { events: ['lead.confirmed'], leadEvents: ['sale'] }),
        get('?c', { leadEvents: ['sale', 'lead'] }),
      ],
      ['lead.confirmed'],
    ],
    ['what another says nothing of', get('?s={status}'), [get('?c={sub1}')], ['lead.confirmed']],
  ] as const)('is %s', (_what, own, templates, told) => {
    expect(usualPostbackEvents({ ...own, templates })).toEqual(told);
    expect(mistakable({ ...own, templates }, usual).length === 0).toBe(told === usual);
  });

  it.each([
    ['what waits', ['lead.pending', 'lead.confirmed'], [{ index: 0, events: ['lead.pending'] }]],
    ['nothing, where nothing else is told', ['lead.confirmed'], []],
    ['nothing, where nothing is confirmed', ['lead.rejected', 'lead.reversed'], []],
  ] as const)('is %s', (_what, told, expected) => {
    expect(mistakable({ ...get('?c={sub1}'), templates: [] }, told)).toEqual(expected);
  });
});
