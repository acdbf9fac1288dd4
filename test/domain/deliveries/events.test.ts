import { describe, expect, it } from 'vitest';
import { documentEvent } from '../../../shared/domain/deliveries/document-events.ts';
import { leadEvents } from '../../../shared/domain/deliveries/lead-events.ts';
import { payoutEvent } from '../../../shared/domain/deliveries/payout-events.ts';
import type { LeadTransition } from '../../../shared/domain/leads/lead.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, AFFILIATE_ID, issuedInvoice, LEAD_ID, lead, NOW, transition } from '../../support/builders.ts';
import { payout } from '../../support/payouts.ts';

/** A lead with these transitions, the last of which says how it stands. */
function leadWith(...moves: (readonly [LeadTransition['action'], LeadTransition['status']])[]) {
  const history = moves.map(([action, status], index) =>
    transition({ version: index + 1, action, status, reason: `r${index}` }),
  );
  const { status, version } = history.at(-1)!;
  return lead({ status, version, history });
}

describe('the events of a lead', () => {
  it.each([
    ['a confirmed one', [['decided', 'confirmed']], ['lead.confirmed']],
    ['a pending one', [['decided', 'pending']], ['lead.pending']],
    ['a rejected one', [['decided', 'rejected']], ['lead.rejected']],
    [
      'one that waited and is confirmed',
      [
        ['decided', 'pending'],
        ['confirmed', 'confirmed'],
      ],
      ['lead.pending', 'lead.confirmed'],
    ],
    [
      'one whose hold is over',
      [
        ['decided', 'pending'],
        ['released', 'confirmed'],
      ],
      ['lead.pending', 'lead.confirmed'],
    ],
    [
      'one that is rejected by a person',
      [
        ['decided', 'pending'],
        ['rejected', 'rejected'],
      ],
      ['lead.pending', 'lead.rejected'],
    ],
    [
      'one that is taken back',
      [
        ['decided', 'confirmed'],
        ['reversed', 'reversed'],
      ],
      ['lead.confirmed', 'lead.reversed'],
    ],
    [
      'one that was refunded in part while it waited, and is told at its price then',
      [
        ['decided', 'pending'],
        ['reversed_in_part', 'pending'],
        ['released', 'confirmed'],
        ['reversed_in_part', 'confirmed'],
      ],
      ['lead.pending', 'lead.confirmed', 'lead.reversed_in_part'],
    ],
    [
      'one that is taken back in part',
      [
        ['decided', 'confirmed'],
        ['reversed_in_part', 'confirmed'],
      ],
      ['lead.confirmed', 'lead.reversed_in_part'],
    ],
    [
      'one whose last part is taken back',
      [
        ['decided', 'confirmed'],
        ['reversed_in_part', 'confirmed'],
        ['reversed', 'reversed'],
      ],
      ['lead.confirmed', 'lead.reversed_in_part', 'lead.reversed'],
    ],
    [
      'one that another message adds to',
      [
        ['decided', 'pending'],
        ['updated', 'pending'],
      ],
      ['lead.pending'],
    ],
    [
      'one that another message confirms',
      [
        ['decided', 'pending'],
        ['updated', 'confirmed'],
      ],
      ['lead.pending', 'lead.confirmed'],
    ],
    [
      'one that is said to be worth something else before it is decided',
      [
        ['decided', 'pending'],
        ['revalued', 'pending'],
        ['revalued', 'confirmed'],
      ],
      ['lead.pending', 'lead.confirmed'],
    ],
    [
      'one that another message takes the place of',
      [
        ['decided', 'rejected'],
        ['replaced', 'rejected'],
      ],
      ['lead.rejected', 'lead.rejected'],
    ],
    [
      'one whose rejection is undone',
      [
        ['decided', 'rejected'],
        ['undone', 'pending'],
      ],
      ['lead.rejected', 'lead.pending'],
    ],
  ] as const)('of %s', (_which, moves, types) => {
    const after = leadWith(...moves);
    const events = leadEvents(undefined, after, digest128);
    expect(events.map(({ type }) => type)).toEqual(types);
    for (const { sequence, lead: then, occurredAt } of events) {
      expect(then).toMatchObject({ version: sequence, status: moves[sequence - 1]![1], reason: `r${sequence - 1}` });
      expect(then.history).toHaveLength(sequence);
      expect(occurredAt).toBe(then.history.at(-1)?.at);
    }
    // What is told again is the same, and what a part of it tells is that part.
    expect(leadEvents(undefined, after, digest128)).toEqual(events);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
    const before = leadWith(...moves.slice(0, -1), ...(moves.length === 1 ? moves : []));
    expect(leadEvents(before, after, digest128)).toEqual(events.filter(({ sequence }) => sequence > before.version));
  });

  it('are none where nothing has moved', () => {
    const same = leadWith(['decided', 'confirmed']);
    expect(leadEvents(same, same, digest128)).toEqual([]);
  });

  it('one that waits for its person: the mailer is asked, and the others are told once the link was opened', () => {
    const history = [
      transition({ version: 1, action: 'decided', status: 'pending', reason: 'awaiting_opt_in' }),
      transition({ version: 2, action: 'updated', status: 'pending', reason: 'awaiting_opt_in' }),
      transition({ version: 3, action: 'reminded', status: 'pending', reason: 'awaiting_opt_in' }),
      transition({ version: 4, action: 'opted_in', status: 'pending', reason: 'awaiting_approval' }),
    ];
    const waiting = lead({ status: 'pending', version: 4, history });
    expect(leadEvents(undefined, waiting, digest128).map(({ type, sequence }) => [type, sequence])).toEqual([
      ['lead.opt_in_requested', 1],
      ['lead.opt_in_requested', 3],
      ['lead.pending', 4],
    ]);
  });
});

describe('the event of a document', () => {
  it.each([
    [
      'an invoice',
      {},
      {
        type: 'invoice.issued',
        advertiserId: ADVERTISER_ID,
        data: { type: 'invoice', gross: '119.00', net: '100.00' },
      },
    ],
    [
      'a credit note',
      { netMinor: -10_000n, taxMinor: -1900n },
      { type: 'invoice.issued', data: { type: 'credit_note', gross: '-119.00' } },
    ],
    [
      'a statement',
      { kind: 'statement' as const, partyId: AFFILIATE_ID, withholdingMinor: 1500n },
      { type: 'statement.issued', affiliateId: AFFILIATE_ID, data: { type: 'statement', withheld: '15.00' } },
    ],
    ['yen', { currency: 'JPY' }, { data: { gross: '11900' } }],
  ])('that is %s', (_which, changes, expected) => {
    const event = documentEvent({ ...issuedInvoice, ...changes }, digest128);
    expect(event).toMatchObject({ subject: 'INV-2025-000001', sequence: 1, occurredAt: NOW, ...expected });
    expect(documentEvent({ ...issuedInvoice, ...changes }, digest128).eventId).toBe(event.eventId);
    // Whatever it holds is what the party itself is issued.
    expect(JSON.stringify(event)).not.toContain(event.advertiserId === undefined ? 'adv_' : 'aff_');
  });
});

describe('the event of a payout', () => {
  it.each([
    ['proposed', {}, undefined],
    ['cancelled', {}, undefined],
    ['sent', { sentAt: NOW, version: 2 }, { type: 'payout.sent', sequence: 2, occurredAt: NOW }],
    [
      'paid',
      { sentAt: '2025-11-01T00:00:00.000Z', paidAt: NOW, version: 3 },
      { type: 'payout.paid', sequence: 3, occurredAt: NOW },
    ],
    [
      'failed',
      { failedAt: NOW, version: 4, failure: 'returned' as const, reason: 'AC04' },
      { type: 'payout.failed', sequence: 4, occurredAt: NOW, data: { failure: 'returned', reason: 'AC04' } },
    ],
  ] as const)('that is %s', (state, changes, expected) => {
    const event = payoutEvent(payout({ state, ...changes }), digest128);
    if (expected === undefined) {
      expect(event).toBeUndefined();
      return;
    }
    expect(event).toMatchObject({ affiliateId: AFFILIATE_ID, ...expected });
    expect(event?.data).toMatchObject({ amount: '50.00', currency: 'EUR', payee: { iban: '…3000' } });
    expect(JSON.stringify(event)).not.toContain('0532');
  });
});

it('no two things have the same event', () => {
  const ids = [
    ...leadEvents(undefined, leadWith(['decided', 'pending'], ['confirmed', 'confirmed']), digest128),
    documentEvent(issuedInvoice, digest128),
    documentEvent({ ...issuedInvoice, number: LEAD_ID }, digest128),
    payoutEvent(payout({ state: 'sent', version: 2 }), digest128)!,
    payoutEvent(payout({ state: 'paid', version: 2 }), digest128)!,
  ].map(({ eventId }) => eventId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^evt_[A-Za-z0-9_-]{22}$/);
});
