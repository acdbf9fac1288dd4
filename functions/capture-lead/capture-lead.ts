import { campaignReference, receiptId } from '../../shared/contracts/primitives.ts';
import type { Answer, EndpointSetup, RawMessage } from '../../shared/dialects/dialect.ts';
import { corsOf, thanks, wantsJson } from '../../shared/dialects/form/answering.ts';
import { type OptInSubject, readFileLink, readOptIn } from '../../shared/dialects/form/links.ts';
import { formSettings, signingSecret } from '../../shared/dialects/form/settings.ts';
import { signFormStart } from '../../shared/dialects/form/token.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Endpoint, EndpointReader } from '../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { GatedFiles } from '../../shared/ports/gated-files.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  pathParameter,
  queryParameters,
} from '../../shared/runtime/http.ts';
import { originOf } from '../../shared/runtime/origin.ts';
import { HttpProblem, notFound } from '../../shared/runtime/problems.ts';
import { rawMessage } from '../../shared/runtime/raw-message.ts';
import { setupOf } from '../../shared/use-cases/endpoint-setup.ts';
import type { GiveOptIn, OptedIn } from '../../shared/use-cases/give-opt-in.ts';
import type { TakeMessage } from '../../shared/use-cases/take-message.ts';
import { eventOf } from '../../shared/use-cases/take-told/read-report.ts';
import { asUrlEncoded } from './multipart.ts';
import { confirmPage, noFilePage, overPage, problemPage, unavailablePage, unknownLinkPage } from './pages.ts';

export interface CaptureLeadDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign'>;
  readonly endpoints: Pick<EndpointReader, 'byForm'>;
  readonly takeMessage: TakeMessage;
  readonly giveOptIn: GiveOptIn;
  readonly files: GatedFiles;
  readonly clock: Clock;
  readonly makeUlid: (timeMs: number) => string;
}

/** A form with its texts; what else a page sends along, a file say, is passed over. */
const BODY_LIMIT_BYTES = 256 * 1024;
const PREFLIGHT_SECONDS = 3600;

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

  return {
    'POST /f/{campaignId}': readably(async (event) => {
      const { endpoint, url } = await findForm(dependencies, event);
      return resultOf(await takeMessage(endpoint, await asUrlEncoded(raw(event)), url));
    }),
    'OPTIONS /f/{campaignId}': async (event) => {
      const { setup } = await findForm(dependencies, event);
      return {
        statusCode: 204,
        headers: {
          ...corsOf(event, setup),
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': PREFLIGHT_SECONDS.toString(),
        },
      };
    },
    'GET /f/{campaignId}/start': async (event) => {
      const { setup } = await findForm(dependencies, event);
      const formId = makeUlid(millisecondsOf(clock()));
      return json(200, { token: signFormStart(signingSecret(setup), formId) }, corsOf(event, setup));
    },
    'GET /f/{campaignId}/confirm': readably(async (event) => {
      const { setup } = await findForm(dependencies, event);
      return resultOf(readOptIn(setup, tokenOf(event)) === undefined ? unknownLinkPage() : confirmPage());
    }),
    'POST /f/{campaignId}/confirm': readably(async (event) => {
      const { endpoint, setup } = await findForm(dependencies, event);
      const optedIn = optedInBy(endpoint, readOptIn(setup, tokenOf(event)), queryParameters(event)['receipt']);
      if (optedIn === undefined) return resultOf(unknownLinkPage());
      const now = clock();
      switch (await giveOptIn(optedIn, now)) {
        case 'done':
          return resultOf(thanks(setup, now));
        case 'over':
          return resultOf(overPage());
        case 'unknown':
          return resultOf(unknownLinkPage());
      }
    }),
    'GET /f/{campaignId}/file': readably(async (event) => {
      const { setup } = await findForm(dependencies, event);
      const { file } = formSettings(setup);
      const link = readFileLink(setup, tokenOf(event), clock());
      if (link === 'over') return resultOf(overPage());
      if (link === 'forged' || file === undefined) return resultOf(unknownLinkPage());
      const location = file.startsWith('https://') ? file : await files.link(file);
      if (location === undefined) return resultOf(noFilePage());
      return { statusCode: 302, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } };
    }),
  };
}

const resultOf = ({ status, headers, body }: Answer): HttpResult => ({
  statusCode: status,
  headers: { ...headers },
  body,
});

const tokenOf = (event: HttpEvent): string => queryParameters(event)['token'] ?? '';

/** Which lead a link confirms, under the event that the form's is recorded as; undefined where the link is not one of its own. */
function optedInBy(
  { campaignId, mapping: { events } }: Endpoint,
  subject: OptInSubject | undefined,
  receipt: string | undefined,
): OptedIn | undefined {
  if (subject === undefined || campaignId === undefined) return undefined;
  const { event, transactionId } = subject;
  return { campaignId, event: eventOf(event, events), transactionId, receiptId: receiptId.safeParse(receipt).data };
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

/** Shows people a page where something is wrong, whatever it is that they opened; programs get the problem. */
function readably(handler: HttpHandler): HttpHandler {
  return async (event) => {
    try {
      return await handler(event);
    } catch (error) {
      if (wantsJson(event)) throw error;
      if (error instanceof HttpProblem) return resultOf(problemPage(error.status, error.message));
      if (error instanceof StoreUnavailable) return resultOf(unavailablePage());
      throw error;
    }
  };
}
