import { createContactChecks } from '../../shared/adapters/contact-checks.ts';
import { parseConversion } from '../../shared/contracts/postback.ts';
import {
  rulesFrom,
  rules as rulesSchema,
  scoringFrom,
  scoring as scoringSchema,
} from '../../shared/contracts/qualification.ts';
import { judgeLead } from '../../shared/domain/leads/decide-lead.ts';
import { MAX_COST, MAX_RULES, qualificationFault } from '../../shared/domain/qualification/limits.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import { createReadSignals } from '../../shared/use-cases/read-signals.ts';
import {
  AFFILIATE_ID,
  attribution,
  CLICK_ID,
  campaign,
  conversion,
  NOW,
  RECEIPT_ID,
  terms,
} from '../support/builders.ts';

const WARM_UP = 5000;
const LEADS = 20_000;

const EVERY_DAY = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const EVERY_KIND = [
  { kind: 'required_fields', fields: ['email', 'phone', 'first_name', 'last_name', 'field_age', 'field_plan'] },
  { kind: 'field_type', field: 'field_age', type: 'integer', min: 18, max: 99 },
  { kind: 'allowed_values', field: 'field_plan', values: ['starter', 'team', 'pro'] },
  { kind: 'allowed_countries', countries: ['DE', 'AT', 'CH'] },
  { kind: 'click_to_lead', min: 'PT5S', max: 'P30D' },
  { kind: 'allow_list', of: 'affiliate_id', values: [AFFILIATE_ID] },
  { kind: 'deny_list', of: 'email_domain', values: ['gmail.com', 'web.de', 'gmx.de'] },
  { kind: 'day_parting', windows: [{ days: EVERY_DAY, from: '00:00', to: '24:00' }] },
  { kind: 'email_syntax' },
  { kind: 'email_not_disposable' },
  { kind: 'phone', countries: ['DE', 'AT', 'CH'] },
  { kind: 'repeat', of: 'ip', within: 'P1D', atMost: 50 },
  { kind: 'repeat', of: 'device', within: 'PT1H', atMost: 50 },
  { kind: 'rate', of: 'ip', perMinute: 100_000 },
  { kind: 'rate', of: 'affiliate', perMinute: 100_000 },
  { kind: 'honeypot', field: 'field_website' },
  { kind: 'form_time', min: 'PT3S' },
  { kind: 'consent', proof: 'any' },
  { kind: 'not_bot' },
];

const SCORING = {
  fit: { max: 60, points: EVERY_KIND.slice(0, 8).map((when, index) => ({ what: `fit ${index}`, points: 10, when })) },
  engagement: {
    max: 60,
    decay: { points: 1, every: 'PT1H' },
    points: EVERY_KIND.slice(8).map((when, index) => ({ what: `engagement ${index}`, points: 10, when })),
  },
  stages: [
    { stage: 'cold', from: 0, qualified: false, action: 'reject' },
    { stage: 'mql', from: 40, qualified: true, action: 'confirm' },
  ],
};

/** As many and as long as terms may have: every kind, and lists up to what they may cost together. */
function fullRules(): object[] {
  const others = MAX_RULES - EVERY_KIND.length;
  // The kinds above, in rules and score, cost some 500.
  const values = Array.from({ length: Math.floor((MAX_COST - 600) / others) - 1 }, (_, index) => `placement-${index}`);
  return [...EVERY_KIND, ...Array.from({ length: others }, () => ({ kind: 'deny_list', of: 'sub1', values }))];
}

export interface DecisionFigures {
  /** CPU of a lead under one rule of every kind and a score of all of them, in milliseconds. */
  readonly everyKindMs: number;
  /** The same with as many rules and list entries as terms may have. */
  readonly atLimitMs: number;
}

/** Measures what deciding a lead costs where all rules are on: from the parsed message to the verdict, without I/O. */
export async function measureDecision(): Promise<DecisionFigures> {
  return { everyKindMs: await measure(EVERY_KIND), atLimitMs: await measure(fullRules()) };
}

async function measure(kinds: readonly object[]): Promise<number> {
  const ruled = terms({
    rules: rulesFrom(rulesSchema.parse(kinds.map((kind, index) => ({ id: `r${index}`, severity: 'hard', ...kind })))),
    scoring: scoringFrom(scoringSchema.parse(SCORING)),
  });
  const fault = qualificationFault(ruled.rules, ruled.scoring);
  if (fault !== undefined) throw new Error(fault.message);
  const ofCampaign = campaign({ timeZone: 'Europe/Berlin', terms: [ruled] });
  const readSignals = createReadSignals({
    contactChecks: createContactChecks(),
    velocity: {
      remember: async (_group, { at }) => ({ ownAt: millisecondsOf(at), times: [millisecondsOf(at)] }),
      countRequest: async () => 1,
    },
    leadSecrets: async () => ({ leadId: (parts) => parts.join(), fingerprint: (parts) => parts.join() }),
  });
  const decide = async (number: number): Promise<void> => {
    const source = attribution();
    const message = {
      receiptId: RECEIPT_ID,
      receivedAt: NOW,
      occurredAt: NOW,
      conversion: messages[number % messages.length] ?? parsed(number),
    };
    const signals = await readSignals(message, source, ofCampaign, ruled);
    const { verdict } = judgeLead(
      conversion({ campaign: ofCampaign, terms: ruled, attribution: source, occurredAt: NOW, signals }),
    );
    if (verdict.status !== 'confirmed') throw new Error(`not confirmed: ${JSON.stringify(verdict.reason)}`);
  };
  const messages = Array.from({ length: 1000 }, (_, index) => parsed(index));
  for (let number = 0; number < WARM_UP; number += 1) await decide(number);
  const before = process.cpuUsage();
  for (let number = 0; number < LEADS; number += 1) await decide(number);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / LEADS;
}

const parsed = (number: number) =>
  parseConversion({
    click_id: CLICK_ID,
    transaction_id: `order-${number}`,
    email: `visitor.${number}@firm-${number}.example`,
    phone: `030 90${1000 + number}`,
    first_name: 'Jo',
    last_name: 'Doe',
    sub1: `blog-${number}`,
    field_age: '30',
    field_plan: 'team',
    ip: `192.0.2.${number % 256}`,
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    device_id: `device-${number}`,
    country: 'DE',
    form_seconds: '42',
    consent_url: `https://consent.example/${number}`,
  });

if (import.meta.main) {
  const { everyKindMs, atLimitMs } = await measureDecision();
  console.log(`CPU of a decision with every kind of rule: ${everyKindMs.toFixed(3)} ms`);
  console.log(`CPU of a decision with as many rules as terms may have: ${atLimitMs.toFixed(3)} ms`);
}
