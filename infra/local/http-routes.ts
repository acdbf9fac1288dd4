import type { MatchedRoute } from './http-event.ts';
import type { RouteModel } from './model.ts';

export interface FoundRoute extends MatchedRoute {
  readonly functionName: string;
}

interface CompiledRoute extends RouteModel {
  readonly method: string;
  readonly segments: readonly string[];
}

/**
 * Chooses the route of a request as an HTTP API does: a full match before one with parameters, that before a greedy one, a
 * named method before ANY, and `$default` last. `path` is still encoded; what the parameters hold is decoded.
 */
export function createRouter(routes: readonly RouteModel[]): (method: string, path: string) => FoundRoute | undefined {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort(bySpecificity);

  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const route of compiled) {
      if (route.method !== method && route.method !== 'ANY') continue;
      const parameters = match(route.segments, segments);
      if (parameters === undefined) continue;
      const { routeKey, functionName } = route;
      return { routeKey, functionName, pathParameters: Object.keys(parameters).length > 0 ? parameters : undefined };
    }
    return fallback === undefined ? undefined : { ...fallback, pathParameters: undefined };
  };
}

function compile(route: RouteModel): CompiledRoute {
  const [method = '', path = ''] = route.routeKey.split(' ');
  return { ...route, method, segments: path.split('/').slice(1) };
}

function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  const rank = ({ segments, method }: CompiledRoute): string =>
    segments.map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0')).join('') +
    (method === 'ANY' ? '1' : '0');
  const [left, right] = [rank(a), rank(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    const segment = segments[at];
    if (segment === undefined) return undefined;
    if (expected.endsWith('+}')) {
      parameters[expected.slice(1, -2)] = decodeURIComponent(segments.slice(at).join('/'));
      return parameters;
    }
    if (expected.startsWith('{')) {
      if (segment === '') return undefined;
      parameters[expected.slice(1, -1)] = decodeURIComponent(segment);
    } else if (expected !== segment) {
      return undefined;
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}
