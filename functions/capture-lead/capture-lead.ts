import { campaignReference, receiptId } from '../../shared/contracts/primitives.ts';
import type { Answer, EndpointSetup, RawMessage } from '../../shared/dialects/dialect.ts';
import { corsOf, thanks, wantsJson } from '../../shared/dialects/form/answering.ts';
import { type OptInSubject, readFileLink, readOptIn } from '../../shared/dialects/form/links.ts';
import { bearerOf, formSettings, mayBegin, signingSecret } from '../../shared/dialects/form/settings.ts';
import { signFormStart } from '../../shared/dialects/form/token.ts';
import { networkOf } from '../../shared/domain/qualification/ip-network.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { LeadSecrets } from '../../shared/ports/crypto.ts';
import type { Endpoint, EndpointReader } from '../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { GatedFiles } from '../../shared/ports/gated-files.ts';
import type { VelocityStore } from '../../shared/ports/velocity.ts';
import { checkRate } from '../../shared/runtime/check-rate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  pathParameter,
  problemResult,
  queryParameters,
} from '../../shared/runtime/http.ts';
import { originOf } from '../../shared/runtime/origin.ts';
import { forbidden, HttpProblem, notFound } from '../../shared/runtime/problems.ts';
import { rawMessage } from '../../shared/runtime/raw-message.ts';
import { setupOf } from '../../shared/use-cases/endpoint-setup.ts';
import type { GiveOptIn, OptedIn } from '../../shared/use-cases/give-opt-in.ts';
import type { TakeMessage } from '../../shared/use-cases/take-message.ts';
import { eventOf, transactionOf } from '../../shared/use-cases/take-told/read-report.ts';
import { asUrlEncoded } from './multipart.ts';
import { confirmPage, fileMissing, linkOver, problemPage, unavailablePage, unknownLink } from './pages.ts';

export interface CaptureLeadDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign'>;
  readonly endpoints: Pick<EndpointReader, 'byForm'>;
  readonly takeMessage: TakeMessage;
  readonly giveOptIn: GiveOptIn;
  readonly files: GatedFiles;
  readonly velocity: Pick<VelocityStore, 'countRequest'>;
  readonly leadSecrets: () => Promise<LeadSecrets>;
  readonly clock: Clock;
  readonly makeUlid: (timeMs: number) => string;
}

/** A form with its texts; what else a page sends along, a file say, is passed over. */
const BODY_LIMIT_BYTES = 256 * 1024;
const PREFLIGHT_SECONDS = 3600;
/** How many forms of a campaign are taken from one network in a minute. */
const FORMS_A_MINUTE = 30;

/** The form of a campaign, as it was reached. */
interface Form {
  readonly endpoint: Endpoint;
  readonly url: string;
  readonly setup: EndpointSetup;
}

/**
 * Forms, chat bots and lead magnets of campaigns: takes what they send, says when a form was begun, and keeps what the links do that are
 * given out for them. People are answered with pages, programs with JSON.
 */
export function createCaptureLead(dependencies: CaptureLeadDependencies): Readonly<Record<string, HttpHandler>> {
  const { takeMessage, giveOptIn, files, clock, makeUlid } = dependencies;
  const raw = (event: HttpEvent): RawMessage => rawMessage(event, '', clock(), BODY_LIMIT_BYTES);

  /** Where a gated file is fetched; undefined where it is missing. */
  const placeOf = async (file: string) => (file.startsWith('https://') ? file : files.link(file));

  return {
    'POST /f/{campaignId}': ofForm(dependencies, async (event, { endpoint, url }) => {
      const message = raw(event);
      await limitForms(dependencies, endpoint, message);
      return resultOf(await takeMessage(endpoint, await asUrlEncoded(message), url));
    }),
    'OPTIONS /f/{campaignId}': ofForm(
      dependencies,
      async (event, { setup }) => ({
        statusCode: 204,
        headers: {
          ...corsOf(event, setup),
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': PREFLIGHT_SECONDS.toString(),
        },
      }),
      'scripts',
    ),
    'GET /f/{campaignId}/start': ofForm(
      dependencies,
      async (event, { setup }) => {
        if (!mayBegin(event.headers['origin'], setup)) throw forbidden('Pages of this origin may not begin the form.');
        const formId = makeUlid(millisecondsOf(clock()));
        return json(200, { token: signFormStart(signingSecret(setup), formId) }, corsOf(event, setup));
      },
      'scripts',
    ),
    'GET /f/{campaignId}/confirm': ofForm(dependencies, async (event, { setup }) => {
      if (readOptIn(setup, tokenOf(event)) === undefined) throw unknownLink();
      const { file } = formSettings(setup);
      return resultOf(confirmPage(file && (await placeOf(file))));
    }),
    'POST /f/{campaignId}/confirm': ofForm(dependencies, async (event, { endpoint, setup }) => {
      const optedIn = optedInBy(endpoint, readOptIn(setup, tokenOf(event)), queryParameters(event)['receipt']);
      if (optedIn === undefined) throw unknownLink();
      const now = clock();
      switch (await giveOptIn(optedIn, now)) {
        case 'done':
          return resultOf(thanks(setup, now));
        case 'over':
          throw linkOver();
        case 'unknown':
          throw unknownLink();
      }
    }),
    'GET /f/{campaignId}/file': ofForm(dependencies, async (event, { setup }) => {
      const { file } = formSettings(setup);
      const link = readFileLink(setup, tokenOf(event), clock());
      if (link === 'over') throw linkOver();
      if (link === 'forged' || file === undefined) throw unknownLink();
      const location = await placeOf(file);
      if (location === undefined) throw fileMissing();
      return { statusCode: 302, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } };
    }),
  };
}

/**
 * Throws 429 where too many forms come from one address, of which a keyed digest is kept for an hour. Servers that show a token are not counted,
 * and nobody is while the counters do not answer: then the form waits in the queue.
 */
async function limitForms(
  { velocity, leadSecrets }: CaptureLeadDependencies,
  { campaignId = '' }: Endpoint,
  message: RawMessage,
): Promise<void> {
  const { ip, receivedAt } = message;
  if (ip === undefined || bearerOf(message) !== undefined) return;
  try {
    const group = `forms#${(await leadSecrets()).leadId([campaignId, networkOf(ip)])}`;
    const detail = `At most ${FORMS_A_MINUTE} forms a minute are taken from one network.`;
    await checkRate(velocity, group, FORMS_A_MINUTE, receivedAt, detail);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

const resultOf = ({ status, headers, body }: Answer): HttpResult => ({
  statusCode: status,
  headers: { ...headers },
  body,
});

const tokenOf = (event: HttpEvent): string => queryParameters(event)['token'] ?? '';

/** Which lead a link confirms, under the event and the transaction that the form's is recorded as; undefined where the link is not one of its own. */
function optedInBy(
  { campaignId, transactionPrefix, mapping: { events } }: Endpoint,
  subject: OptInSubject | undefined,
  receipt: string | undefined,
): OptedIn | undefined {
  if (subject === undefined || campaignId === undefined) return undefined;
  return {
    campaignId,
    event: eventOf(subject.event, events),
    transactionId: transactionOf(subject.transactionId, transactionPrefix),
    receiptId: receiptId.safeParse(receipt).data,
  };
}

/** The form of the campaign that the path names. Throws 404. */
async function findForm({ catalog, endpoints }: CaptureLeadDependencies, event: HttpEvent): Promise<Form> {
  const reference = pathParameter(event, 'campaignId');
  const campaign = campaignReference.safeParse(reference).success ? await catalog.campaign(reference) : undefined;
  const endpoint = campaign === undefined ? undefined : await endpoints.byForm(campaign.campaignId);
  if (endpoint === undefined) throw notFound('There is no form at this address.');
  const url = `${originOf(event)}/f/${endpoint.campaignId}`;
  return { endpoint, url, setup: setupOf(endpoint, url) };
}

/**
 * Answers for the form of the campaign that the path names. What goes wrong is shown to people as a page; programs get the problem, scripts of
 * pages too, to which it would be a mere network error without leave to read it.
 */
function ofForm(
  dependencies: CaptureLeadDependencies,
  handle: (event: HttpEvent, form: Form) => Promise<HttpResult>,
  isFor: 'all' | 'scripts' = 'all',
): HttpHandler {
  return async (event) => {
    let form: Form | undefined;
    try {
      form = await findForm(dependencies, event);
      return await handle(event, form);
    } catch (error) {
      const problem = problemResult(error, event);
      const page = isFor === 'scripts' || wantsJson(event) ? undefined : pageOfError(error);
      const cors = form === undefined ? ANYBODY : corsOf(event, form.setup);
      return { ...problem, ...page, headers: { ...problem.headers, ...page?.headers, ...cors } };
    }
  };
}

/** That a form is not there, or cannot be looked for, is no secret. */
const ANYBODY = { 'access-control-allow-origin': '*' } as const;

function pageOfError(error: unknown): HttpResult | undefined {
  if (error instanceof HttpProblem) return resultOf(problemPage(error));
  return error instanceof StoreUnavailable ? resultOf(unavailablePage()) : undefined;
}
