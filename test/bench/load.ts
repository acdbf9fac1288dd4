import autocannon, { type Instance, type Request, type Result } from 'autocannon';

/** What a load run measured; latencies in milliseconds, p99 corrected for coordinated omission at a fixed rate. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers that were not wanted: other statuses, errors, timeouts. */
  readonly unwanted: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; as fast as they are answered where it is left out. */
  readonly rate?: number;
  readonly wantedStatus: number;
  /** The path of the next request. */
  readonly nextPath: () => string;
  readonly headers?: Record<string, string>;
  readonly onAnswer?: (headers: Record<string, string>) => void;
}

/** Fires GET requests for a while. */
export async function load({
  url,
  connections,
  seconds,
  rate,
  wantedStatus,
  nextPath,
  headers,
  onAnswer,
}: LoadOptions): Promise<LoadResult> {
  let unwanted = 0;
  const request: Request = {
    method: 'GET',
    setupRequest: (next) => ({ ...next, path: nextPath() }),
    onResponse: (status, _body, _context, answerHeaders) => {
      if (status !== wantedStatus) unwanted += 1;
      else onAnswer?.((answerHeaders ?? {}) as Record<string, string>);
    },
  };
  const latenciesMs: number[] = [];
  const result = await new Promise<Result>((resolve, reject) => {
    const running: Instance = autocannon(
      {
        url,
        connections,
        duration: seconds,
        ...(rate !== undefined && { overallRate: rate }),
        ...(headers !== undefined && { headers }),
        requests: [request],
      },
      (error, finished) => (error == null ? resolve(finished) : reject(error)),
    );
    running.on('response', (_client, _status, _bytes, responseTimeMs) => latenciesMs.push(responseTimeMs));
  });
  latenciesMs.sort((left, right) => left - right);
  return {
    requests: result.requests.total,
    perSecond: result.requests.total / result.duration,
    p50: percentile(latenciesMs, 0.5),
    p95: percentile(latenciesMs, 0.95),
    // autocannon's own is corrected for requests that waited to be sent, and whole milliseconds.
    p99: Math.max(percentile(latenciesMs, 0.99), rate === undefined ? 0 : result.latency.p99),
    unwanted: unwanted + result.errors + result.timeouts,
  };
}

/** The value below which a share of sorted values lies; 0 where there are none. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
