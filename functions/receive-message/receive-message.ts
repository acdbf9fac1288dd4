import { endpointId as endpointIdSchema } from '../../shared/contracts/primitives.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import type { Endpoint, EndpointReader } from '../../shared/ports/endpoints.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { domainOf, type HttpEvent, type HttpHandler } from '../../shared/runtime/http.ts';
import { methodNotAllowed, notFound } from '../../shared/runtime/problems.ts';
import { rawMessage } from '../../shared/runtime/raw-message.ts';
import type { TakeMessage } from '../../shared/use-cases/take-message.ts';

export interface ReceiveMessageDependencies {
  readonly endpoints: EndpointReader;
  readonly takeMessage: TakeMessage;
  /** Where callers of a dialect look for it on their own domain. */
  readonly pathsOf: (dialect: DialectName) => readonly string[];
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** More than any sender's longest: a platform's batch of 1,000 notices is a third of it. */
const BODY_LIMIT_BYTES = 1024 * 1024;
/** The longest that an answer is held back: API Gateway waits 30 seconds, the function has 10. */
const MAX_HELD_MS = 5000;

const NO_ENDPOINT = 'There is no endpoint at this address.';

/**
 * Answers what comes to `/e/{endpointId}` and below it, in the dialect of the endpoint; and at the root of an endpoint's own domain what
 * comes to the paths that its dialect knows. All else is not there.
 */
export function createReceiveMessage({
  endpoints,
  takeMessage,
  pathsOf,
  clock,
  sleep,
}: ReceiveMessageDependencies): HttpHandler {
  const findEndpoint = async (endpointId: string | undefined): Promise<Endpoint> => {
    const endpoint = endpointIdSchema.safeParse(endpointId).success
      ? await endpoints.byId(endpointId ?? '')
      : undefined;
    // A form is reached at its campaign: the links that it gives out lead there.
    if (endpoint === undefined || endpoint.dialect === 'form') throw notFound(NO_ENDPOINT);
    return endpoint;
  };

  const endpointAtRoot = async (event: HttpEvent): Promise<Endpoint> => {
    const { method } = event.requestContext.http;
    const endpoint = await endpoints.byDomain(domainOf(event));
    if (endpoint === undefined || !isKnown(pathsOf(endpoint.dialect), pathAtRoot(event))) {
      throw notFound(`There is no ${method} ${event.rawPath}. What there is: GET /openapi.json.`);
    }
    return endpoint;
  };

  return async (event) => {
    const { endpointId, path = '' } = event.pathParameters ?? withoutRoute(event);
    const isOwn = endpointId === undefined;
    const endpoint = isOwn ? await endpointAtRoot(event) : await findEndpoint(endpointId);
    // No system that we speak with reports by HEAD, or looks by it whether we are there: who does must not believe that it was heard.
    if (!METHODS.includes(event.requestContext.http.method)) throw methodNotAllowed(METHODS);
    const { status, headers, body, afterMs } = await takeMessage(
      endpoint,
      rawMessage(event, isOwn ? pathAtRoot(event) : path, clock(), BODY_LIMIT_BYTES),
    );
    if (afterMs !== undefined) await sleep(Math.min(afterMs, MAX_HELD_MS));
    return { statusCode: status, headers: { ...headers }, body };
  };
}

/** `/e/{endpointId}/` is no route of its own, and yet what templates of senders often come to; so do methods that are not taken. */
const withoutRoute = ({ rawPath }: HttpEvent): { readonly endpointId?: string; readonly path?: string } => ({
  ...(/^\/e\/(?<endpointId>[^/]+)(?:\/|$)/.exec(rawPath)?.groups ?? {}),
});

const METHODS: readonly string[] = ['GET', 'POST'];

const pathAtRoot = ({ rawPath }: HttpEvent): string => rawPath.replace(/^\/|\/$/g, '');

/** Whether a path is one of those that a dialect's callers look for; `{name}` stands for any segment. */
function isKnown(paths: readonly string[], path: string): boolean {
  const segments = path.split('/');
  return paths.some((known) => {
    const expected = known.split('/');
    return (
      expected.length === segments.length &&
      expected.every((segment, at) => (segment.startsWith('{') ? segments[at] !== '' : segment === segments[at]))
    );
  });
}
