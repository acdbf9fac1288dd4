import * as z from 'zod';
import { addressProblem, type Reach } from '../domain/deliveries/address.ts';
import {
  type Destination,
  type DestinationOwner,
  mistakable,
  type PostbackTemplates,
  postbackEvents,
  tellable,
  usualPostbackEvents,
} from '../domain/deliveries/destination.ts';
import { type EventType, eventTypes } from '../domain/deliveries/event.ts';
import {
  type MacroSystem,
  macroSystems,
  macroTable,
  mixtureProblem,
  VERDICT_MACROS,
} from '../domain/deliveries/postback-macros.ts';
import {
  MAX_TEMPLATE_CHARACTERS,
  macrosWritten,
  templateProblem,
  urlTemplateProblem,
} from '../domain/deliveries/postback-template.ts';
import { changesSomething } from './catalog.ts';
import { event } from './postback.ts';
import {
  advertiserId,
  advertiserReference,
  affiliateId,
  affiliateReference,
  campaignId,
  campaignReference,
  destinationId,
  displayText,
  pageOf,
  pageParameters,
} from './primitives.ts';

const MAX_TEMPLATES = 20;
const MAX_CAMPAIGNS = 100;
const MAX_LEAD_EVENTS = 20;

const eventType = z.enum(eventTypes, { error: `must be one of ${eventTypes.join(', ')}` });
const eventList = z
  .array(eventType)
  .min(1, 'must name at least one event')
  .refine((types) => new Set(types).size === types.length, 'must name each once');
const leadEventList = z.array(event).min(1, 'must name at least one, or be left out').max(MAX_LEAD_EVENTS);
const campaignList = z.array(campaignReference).min(1, 'must name at least one, or be left out').max(MAX_CAMPAIGNS);

const method = z.enum(['GET', 'POST'], { error: 'must be GET or POST' });
const url = z.string().max(MAX_TEMPLATE_CHARACTERS, `must have at most ${MAX_TEMPLATE_CHARACTERS} characters`).meta({
  description: 'https. Of a postback with macros, in its path and query',
  example: 'https://tracker.example/pb?cid={sub1}&payout={commission}&status={status}',
});
const body = z.string();
const macros = z.enum(macroSystems, { error: `must be one of ${macroSystems.join(', ')}, or be left out` }).meta({
  description: 'Whose macros its templates have; left out: ours, and what others call theirs where that is unambiguous',
});
const statusWord = z.string().regex(/^[\x21-\x7e]{1,32}$/, 'must be 1 to 32 printable ASCII characters without spaces');
const statuses = z.strictObject({
  pending: statusWord.optional(),
  held: statusWord.optional().meta({ description: 'Of a pending lead whose hold runs; left out: as pending' }),
  confirmed: statusWord.optional(),
  rejected: statusWord.optional(),
  reversed: statusWord.optional(),
});

const specialTemplate = z.strictObject({
  events: eventList.optional(),
  leadEvents: leadEventList.optional(),
  method: method.default('GET'),
  url,
  body: body.optional(),
});

const common = {
  label: displayText(200).optional(),
  advertiserId: advertiserReference.optional(),
  affiliateId: affiliateReference.optional(),
  events: eventList.optional(),
  campaigns: campaignList.optional(),
  leadEvents: leadEventList.optional(),
  url,
};

/** What `POST /v1/destinations` takes. */
export const destinationToCreate = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('postback'),
      ...common,
      method: method.default('GET'),
      body: body.optional(),
      templates: z.array(specialTemplate).max(MAX_TEMPLATES).default([]),
      macros: macros.optional(),
      statuses: statuses.optional(),
      signed: z.boolean().default(false),
    }),
    z.strictObject({ kind: z.literal('webhook'), ...common, includeContact: z.boolean().default(false) }),
  ],
  { error: 'must have a kind: postback or webhook' },
);

/** What `PATCH` takes; `null` takes away what may be left out. */
export const destinationChanges = z
  .strictObject({
    label: displayText(200).nullable().optional(),
    status: z.enum(['active', 'paused'], { error: 'must be active or paused' }).optional(),
    events: eventList.optional(),
    campaigns: campaignList.nullable().optional(),
    leadEvents: leadEventList.nullable().optional(),
    url: url.optional(),
    method: method.optional(),
    body: body.nullable().optional(),
    templates: z.array(specialTemplate).max(MAX_TEMPLATES).optional(),
    macros: macros.nullable().optional(),
    statuses: statuses.nullable().optional(),
    signed: z.boolean().optional(),
    includeContact: z.boolean().optional(),
  })
  .refine(...changesSomething);

export type DestinationToCreate = z.output<typeof destinationToCreate>;
export type DestinationChanges = z.output<typeof destinationChanges>;

export const destinationsQuery = z.strictObject({
  advertiserId: advertiserReference.optional(),
  affiliateId: affiliateReference.optional(),
  ...pageParameters,
});

const timestamp = z.iso.datetime();
const shown = {
  destinationId,
  advertiserId: advertiserId.nullable().meta({ description: 'Whose it is; with neither id the network’s own' }),
  affiliateId: affiliateId.nullable(),
  label: z.string().nullable(),
  status: z.enum(['active', 'paused', 'disabled']).meta({
    description:
      '`disabled`: nothing is sent any more, as it said that it is gone (410) or has failed for five days. Set it to `active` again once it is well; what it has missed is delivered by `/redeliver`.',
  }),
  disabledReason: z.enum(['gone', 'failing']).nullable(),
  failingSince: timestamp.nullable().meta({ description: 'Where the latest attempts have all failed' }),
  leftAloneUntil: timestamp.nullable().meta({
    description:
      'Where it has failed several times in a row, or asked for it (`Retry-After`): nothing is sent before. `status: active`, or a redelivery, ends that',
  }),
  events: z.array(eventType),
  campaigns: z.array(campaignId).nullable().meta({ description: 'null: all' }),
  leadEvents: z.array(z.string()).nullable().meta({ description: 'Of leads, their `event`; null: all' }),
  url: z.string(),
  tellsFrom: timestamp.meta({
    description:
      'From then on all is told as it is shown here: five seconds after it was made, went on or was changed. In between it is told as before, which of one that was made or paused may be nothing.',
  }),
  createdAt: timestamp,
  updatedAt: timestamp,
};
const shownTemplate = { method, url: z.string(), body: z.string().nullable() };

const postbackView = z.object({
  ...shown,
  kind: z.literal('postback'),
  ...shownTemplate,
  templates: z.array(
    z.object({
      ...shownTemplate,
      events: z.array(eventType).nullable(),
      leadEvents: z.array(z.string()).nullable(),
    }),
  ),
  macros: macros.nullable(),
  statuses: statuses.nullable(),
  signed: z.boolean(),
});
const webhookView = z.object({
  ...shown,
  kind: z.literal('webhook'),
  includeContact: z.boolean(),
  previousSecretUntil: timestamp
    .nullable()
    .optional()
    .meta({ description: 'Until then the secret before signs too; null: none does. Lists do not say it' }),
});

/** A destination as its owner and the operator see it. */
export const destinationView = z.discriminatedUnion('kind', [postbackView, webhookView]);

export type DestinationView = z.infer<typeof destinationView>;
export const destinationPage = pageOf(destinationView);

const secret = z.string().meta({
  description: 'Of a webhook: what its messages are signed with. It is told here and never again.',
  example: 'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw',
});

export const createdDestination = z.discriminatedUnion('kind', [
  postbackView,
  webhookView.extend({ secret: secret.optional() }),
]);
export const rotatedSecret = z.object({ destinationId, secret, previousSecretUntil: timestamp });

/** What `POST …/test` takes: which event the sample is of. */
export const destinationTest = z.strictObject({ event: eventType.optional(), leadEvent: event.optional() });

/** What a receiver says to a sample. */
export const testedDestination = z.object({
  request: z.object({
    method,
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().nullable(),
  }),
  result: z.enum(['delivered', 'failed', 'unanswered', 'refused']).meta({
    description:
      '`delivered`: answered 2xx. `failed`: answered anything else, redirects too. `refused`: it must not be sent there.',
  }),
  status: z.int().nullable(),
  answer: z.string().nullable().meta({ description: 'How what was answered begins' }),
  reason: z.string().nullable(),
  tookMs: z.int(),
});

/** One thing that is wrong with a destination as a whole. */
export interface DestinationProblem {
  readonly field: string;
  readonly message: string;
}

/** Tells whom to write to and the link to send: both are contact data. */
const OPT_IN = 'lead.opt_in_requested' satisfies EventType;

/** What is wrong with a destination: URLs that may not be called, macros that are none, events that its owner is not told of. */
export function destinationProblems(destination: Destination, reach: Reach): DestinationProblem[] {
  const told = tellable(destination);
  const able = destination.kind === 'postback' ? told.filter((type) => postbackEvents.includes(type)) : told;
  const events = destination.events
    .filter((type) => !able.includes(type))
    .map((type) => ({ field: 'events', message: `${type} is not told here: name some of ${able.join(', ')}` }));
  if (destination.kind === 'webhook') {
    const isMailer = destination.events.includes(OPT_IN) && told.includes(OPT_IN);
    return [
      ...problemAt('url', addressProblem(destination.url, reach)),
      ...events,
      ...problemAt(
        'includeContact',
        isMailer && !destination.includeContact
          ? `must be true for ${OPT_IN}: the link to mail is among them`
          : undefined,
      ),
    ];
  }
  const { signed, macros } = destination;
  const templates = [...destination.templates, destination];
  const mistaken = mistakable(destination, destination.events);
  const written = templates.flatMap((template) => macrosWritten(template.url + (template.body ?? '')));
  return [
    ...templates.flatMap((template, index) => {
      const place = index < destination.templates.length ? `templates.${index}.` : '';
      const unclear = mistaken.find((one) => one.index === index)?.events;
      const { url, body, method } = template;
      return [
        ...problemAt(
          `${place}url`,
          urlTemplateProblem(url, { ...reach, signed, macros }) ?? (unclear && unclearProblem(unclear, macros)),
        ),
        ...problemAt(
          `${place}body`,
          body === undefined ? undefined : method === 'GET' ? 'needs the method POST' : templateProblem(body, macros),
        ),
      ];
    }),
    ...problemAt('macros', macros === undefined ? mixtureProblem(written, destination.statuses) : undefined),
    ...events,
  ];
}

/** What is wrong with a template by which a tracker would take events for conversions that are paid. */
function unclearProblem(events: readonly EventType[], macros: MacroSystem | undefined): string {
  const names =
    macros === undefined
      ? VERDICT_MACROS.map((name) => `{${name}}`)
      : [...macroTable(macros)].flatMap(([macro, meaning]) =>
          meaning !== null && VERDICT_MACROS.includes(meaning) ? [macro] : [],
        );
  const own = names.length > 0 ? `name ${names.join(' or ')}` : 'be for lead.confirmed alone';
  return `must ${own}, as it tells ${events.join(' and ')} too: else let lead.confirmed be all that it tells`;
}

const problemAt = (field: string, message: string | undefined): DestinationProblem[] =>
  message === undefined ? [] : [{ field, message }];

/** What a destination is told of where nothing is asked for. */
export const usualEvents = (
  destination:
    | ({ readonly kind: 'postback' } & PostbackTemplates)
    | { readonly kind: 'webhook'; readonly includeContact: boolean },
  owner: DestinationOwner,
): readonly EventType[] =>
  destination.kind === 'postback'
    ? usualPostbackEvents(destination)
    : tellable(owner).filter((type) => type !== OPT_IN || destination.includeContact);
