import { describe, expect, it } from 'vitest';
import * as contract from '../../shared/contracts/qualification.ts';
import { MAX_LISTED_VALUES, MAX_RULES } from '../../shared/domain/qualification/limits.ts';
import { AFFILIATE_ID } from '../support/builders.ts';

/** Every kind of check with all its fields, as it is sent and as the domain has it. */
const KINDS = [
  [{ kind: 'required_fields', fields: ['email', 'field_age', 'sub1', 'consent_url'] }, {}],
  [{ kind: 'field_type', field: 'field_age', type: 'integer', min: 18, max: 99, optional: true }, {}],
  [{ kind: 'allowed_values', field: 'field_plan', values: ['pro', 'team'], optional: false }, {}],
  [{ kind: 'allowed_countries', countries: ['DE', 'AT'] }, {}],
  [
    { kind: 'click_to_lead', min: 'PT10S', max: 'P7D' },
    { min: undefined, max: undefined, minMs: 10_000, maxMs: 604_800_000 },
  ],
  [{ kind: 'allow_list', of: 'affiliate_id', values: [AFFILIATE_ID] }, {}],
  [{ kind: 'deny_list', of: 'email_domain', values: ['gmail.com'] }, {}],
  [
    { kind: 'day_parting', windows: [{ days: ['mon', 'sun'], from: '08:30', to: '24:00' }] },
    { windows: [{ days: ['mon', 'sun'], fromMinute: 510, beforeMinute: 1440 }] },
  ],
  [{ kind: 'email_syntax', optional: true }, {}],
  [{ kind: 'email_not_disposable' }, {}],
  [{ kind: 'phone', countries: ['DE'] }, {}],
  [
    { kind: 'repeat', of: 'ip', within: 'P1D', atMost: 2 },
    { within: undefined, periodMs: 86_400_000 },
  ],
  [{ kind: 'rate', of: 'affiliate', perMinute: 60 }, {}],
  [{ kind: 'honeypot', field: 'field_website' }, {}],
  [
    { kind: 'form_time', min: 'PT3S' },
    { min: undefined, minSeconds: 3 },
  ],
  [{ kind: 'consent', proof: 'url' }, {}],
  [{ kind: 'not_bot' }, {}],
] as const;

const hard = { id: 'r1', severity: 'hard' } as const;

function faultsOf(schema: typeof contract.rules | typeof contract.scoring, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
const ruleFaults = (fields: object) => faultsOf(contract.rules, [{ ...hard, ...fields }]);

describe('a rule on the wire', () => {
  it.each(KINDS.map(([wire, changes]) => [wire.kind, wire, changes] as const))(
    '%s is taken, kept and told again',
    (_kind, wire, changes) => {
      const sent = [{ ...hard, ...wire }];
      const kept = contract.rulesFrom(contract.rules.parse(sent));
      expect(kept).toEqual([{ ...hard, ...wire, ...changes }]);
      expect(JSON.parse(JSON.stringify(contract.viewRules(kept)))).toEqual(sent);
    },
  );

  it('says what it leaves out: one lead of an IP address, any evidence of consent', () => {
    const sent = [
      { ...hard, kind: 'repeat', of: 'device', within: 'PT1H' },
      { id: 'r2', severity: 'watch', kind: 'consent' },
    ];
    expect(contract.rules.parse(sent)).toMatchObject([{ atMost: 1 }, { proof: 'any' }]);
  });

  it.each([
    ['no kind', {}, /^0\.kind: must have a kind: one of required_fields, .*not_bot$/],
    ['an unknown kind', { kind: 'karma' }, /must have a kind: one of/],
    ['an unknown field', { kind: 'not_bot', strict: true }, /"strict"/],
    ['a field of another kind', { kind: 'not_bot', countries: ['DE'] }, /"countries"/],
    ['no fields', { kind: 'required_fields', fields: [] }, /0\.fields: must have at least one field/],
    ['a field that is none', { kind: 'required_fields', fields: ['age'] }, /0\.fields\.0: must be one of email, phone/],
    [
      'a value of no custom field',
      { kind: 'allowed_values', field: 'plan', values: ['a'] },
      /must be the name of a custom field/,
    ],
    [
      'a value that is too long',
      { kind: 'allowed_values', field: 'field_a', values: ['x'.repeat(65)] },
      /at most 64 characters/,
    ],
    [
      'too many values',
      { kind: 'deny_list', of: 'sub1', values: Array.from({ length: MAX_LISTED_VALUES + 1 }, String) },
      /must have at most 500 entries/,
    ],
    [
      'a country that is none',
      { kind: 'allowed_countries', countries: ['UK'] },
      /ISO 3166-1 country, such as DE or GB/,
    ],
    ['bounds of a text', { kind: 'field_type', field: 'field_a', type: 'date', min: 1 }, /0\.type: must be integer/],
    [
      'bounds out of order',
      { kind: 'field_type', field: 'field_a', type: 'integer', min: 2, max: 1 },
      /0\.max: must not be less/,
    ],
    ['a bound with decimals', { kind: 'field_type', field: 'field_a', type: 'integer', min: 1.5 }, /whole number/],
    ['no time at all', { kind: 'click_to_lead' }, /0\.min: or max must be given, such as PT10S or P7D/],
    ['times out of order', { kind: 'click_to_lead', min: 'P1D', max: 'PT1H' }, /0\.max: must not be less than min/],
    ['a time that is none', { kind: 'click_to_lead', min: '10s' }, /ISO 8601 duration such as/],
    [
      'a list of nothing known',
      { kind: 'allow_list', of: 'city', values: ['a'] },
      /0\.of: must be one of source, affiliate_id/,
    ],
    [
      'affiliates by name',
      { kind: 'allow_list', of: 'affiliate_id', values: ['blog'] },
      /0\.values: must be affiliate ids/,
    ],
    [
      'addresses for domains',
      { kind: 'deny_list', of: 'email_domain', values: ['a@b.com'] },
      /must be domains such as/,
    ],
    ['a day that is none', window({ days: ['monday'] }), /windows\.0\.days\.0: must be one of mon, tue/],
    ['no day', window({ days: [] }), /windows\.0\.days: must have at least one day/],
    ['an hour that is none', window({ from: '8:00' }), /windows\.0\.from: must be a time of day such as 08:30/],
    ['a day that begins at its end', window({ from: '24:00' }), /windows\.0\.from/],
    ['an end after the end', window({ to: '24:01' }), /windows\.0\.to: must be a time of day/],
    [
      'hours over midnight',
      window({ from: '22:00', to: '06:00' }),
      /windows\.0\.to: must be later than from: .*two windows/,
    ],
    ['no repeats at all', { kind: 'repeat', of: 'ip', within: 'P1D', atMost: 0 }, /whole number from 1 to 50/],
    [
      'more repeats than are counted',
      { kind: 'repeat', of: 'ip', within: 'P1D', atMost: 51 },
      /whole number from 1 to 50/,
    ],
    ['repeats of an affiliate', { kind: 'repeat', of: 'affiliate', within: 'P1D' }, /0\.of: must be ip or device/],
    ['no rate', { kind: 'rate', of: 'ip', perMinute: 0 }, /whole number from 1 to 100000/],
    ['no form time', { kind: 'form_time', min: 'PT0S' }, /ISO 8601 duration/],
    ['another proof', { kind: 'consent', proof: 'phone' }, /must be any, url or token/],
    ['points of a hard rule', { kind: 'not_bot', points: 5 }, /0\.points: must be left out: a hard rule has no points/],
    ['no points of a soft rule', { kind: 'not_bot', severity: 'soft' }, /0\.points: must be given for a soft rule/],
    ['points below one', { kind: 'not_bot', severity: 'soft', points: 0 }, /whole number from 1 to 1000/],
    ['another severity', { kind: 'not_bot', severity: 'fatal' }, /must be hard \(rejects the lead\), soft/],
    ['an id that is none', { kind: 'not_bot', id: 'Not a bot' }, /0\.id: must be 1 to 64 lower-case letters/],
  ])('is refused with what would be right: %s', (_case, fields, expected) => {
    const faults = ruleFaults(fields);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(expected);
  });

  it.each([
    ['as many as are taken', MAX_RULES, []],
    ['one more', MAX_RULES + 1, ['must have at most 50 rules']],
  ])('%s', (_case, count, expected) => {
    const rules = Array.from({ length: count }, (_, index) => ({ id: `r${index}`, severity: 'hard', kind: 'not_bot' }));
    expect(contract.rules.safeParse(rules).error?.issues.map(({ message }) => message) ?? []).toEqual(expected);
  });

  it('has an id of its own', () => {
    const twice = [
      { ...hard, kind: 'not_bot' },
      { ...hard, kind: 'consent' },
    ];
    expect(faultsOf(contract.rules, twice)).toEqual([': must have a different id each']);
  });
});

function window(changes: object) {
  return { kind: 'day_parting', windows: [{ days: ['mon'], from: '08:00', to: '18:00', ...changes }] };
}

const group = { max: 60, points: [{ what: 'Works at a team', points: 20, when: { kind: 'email_not_disposable' } }] };
const wireScoring = {
  fit: group,
  engagement: {
    max: 40,
    decay: { points: 5, every: 'P1D' },
    points: [{ what: 'Came soon', points: 30, when: { kind: 'click_to_lead', max: 'PT1H' } }],
  },
  stages: [
    { stage: 'cold', from: 0, qualified: false, action: 'reject' },
    { stage: 'mql', from: 30, qualified: true, action: 'hold' },
    { stage: 'hot', from: 80, qualified: true, action: 'confirm' },
  ],
  outboundWhen: { kind: 'allow_list', of: 'source', values: ['call-center'] },
};

describe('a scoring on the wire', () => {
  it('is taken, kept and told again', () => {
    const kept = contract.scoringFrom(contract.scoring.parse(wireScoring));
    expect(kept).toEqual({
      fit: { maxPoints: 60, points: group.points },
      engagement: {
        maxPoints: 40,
        decay: { points: 5, everyMs: 86_400_000 },
        points: [{ what: 'Came soon', points: 30, when: { kind: 'click_to_lead', maxMs: 3_600_000 } }],
      },
      stages: wireScoring.stages,
      outboundWhen: wireScoring.outboundWhen,
    });
    expect(JSON.parse(JSON.stringify(contract.viewScoring(kept)))).toEqual(wireScoring);
  });

  const stages = (...from: readonly number[]) => ({
    stages: from.map((points, index) => ({ ...wireScoring.stages[index % 3], from: points })),
  });

  it.each([
    ['neither group', { fit: undefined, engagement: undefined }, /^fit: or engagement must be given/],
    ['no conditions', { fit: { max: 1, points: [] } }, /fit\.points: must have at least one condition/],
    ['a group of nothing', { fit: { ...group, max: 0 } }, /fit\.max: must be a whole number from 1 to 1000/],
    [
      'half points',
      { fit: { max: 1, points: [{ ...group.points[0], points: 0.5 }] } },
      /whole number from -1000 to 1000/,
    ],
    ['a condition that is none', { fit: { max: 1, points: [{ ...group.points[0], when: {} }] } }, /must have a kind/],
    [
      'a condition with a fault',
      { outboundWhen: { kind: 'click_to_lead' } },
      /outboundWhen\.min: or max must be given/,
    ],
    ['a rule for a condition', { outboundWhen: { ...hard, kind: 'not_bot' } }, /"id", "severity"/],
    ['no stages', { stages: [] }, /stages: must have at least one stage/],
    ['a first stage above none', stages(1, 30), /stages: must begin with a stage from 0/],
    ['two stages from the same points', stages(0, 30, 30), /stages: must each begin at more points/],
    [
      'a stage twice',
      { stages: [wireScoring.stages[0], { ...wireScoring.stages[0], from: 5 }] },
      /must have each stage once/,
    ],
    [
      'a stage of another name',
      { stages: [{ ...wireScoring.stages[0], stage: 'lukewarm' }] },
      /must be one of cold, warm, mql, sql, hot/,
    ],
    [
      'another action',
      { stages: [{ ...wireScoring.stages[0], action: 'ring' }] },
      /must be confirm \(as the campaign confirms\)/,
    ],
  ])('is refused with what would be right: %s', (_case, changes, expected) => {
    const faults = faultsOf(contract.scoring, { ...wireScoring, ...changes });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(expected);
  });
});
