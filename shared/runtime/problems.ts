import { PROBLEM_TYPES, problems } from '../contracts/problems.ts';

/** One field that is wrong, and what would be right. */
export interface FieldError {
  /** Name of the parameter, or path in the body such as `confirmation.hold`. */
  readonly field: string;
  readonly message: string;
}

/** An answer that is an error: RFC 9457 problem details. Thrown anywhere, rendered once at the boundary. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(problem: {
    status: number;
    code: string;
    title: string;
    detail: string;
    errors?: readonly FieldError[];
    headers?: Readonly<Record<string, string>>;
    /** Members beyond the standard ones, such as the id of what is in the way. */
    extra?: Readonly<Record<string, unknown>>;
  }) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.errors = problem.errors ?? [];
    this.headers = problem.headers ?? {};
    this.extra = problem.extra ?? {};
  }

  /** The same problem with further members. */
  with(extra: Readonly<Record<string, unknown>>): HttpProblem {
    return new HttpProblem({ ...this, detail: this.message, extra: { ...this.extra, ...extra } });
  }

  toJSON(): Record<string, unknown> {
    return {
      ...this.extra,
      type: PROBLEM_TYPES + this.code,
      title: this.title,
      status: this.status,
      detail: this.message,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }
}

const MAX_FIELD_ERRORS = 20;

/** 400: fields that are wrong, the first 20 at once, each once. */
export const invalid = (found: readonly FieldError[]): HttpProblem => {
  const errors = [...new Map(found.map((error) => [error.field, error])).values()].slice(0, MAX_FIELD_ERRORS);
  return new HttpProblem({
    ...problems.invalid,
    detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
    errors,
  });
};

/** 400 for one field. */
export const invalidField = (field: string, message: string): HttpProblem => invalid([{ field, message }]);

export const unauthorized = (detail: string): HttpProblem =>
  new HttpProblem({
    status: 401,
    code: 'unauthorized',
    title: 'A valid API key is required',
    detail,
    headers: { 'www-authenticate': 'Bearer' },
  });

export const forbidden = (detail: string, errors: readonly FieldError[] = []): HttpProblem =>
  new HttpProblem({ ...problems.forbidden, detail, errors });

/** 404: also for what exists and belongs to somebody else. */
export const notFound = (detail: string, errors: readonly FieldError[] = []): HttpProblem =>
  new HttpProblem({ ...problems.notFound, detail, errors });

export const methodNotAllowed = (allowed: readonly string[]): HttpProblem =>
  new HttpProblem({
    status: 405,
    code: 'method-not-allowed',
    title: 'This method is not taken here',
    detail: `Send it by ${allowed.join(' or ')}.`,
    headers: { allow: allowed.join(', ') },
  });

export const conflict = (code: string, detail: string, extra: Readonly<Record<string, unknown>> = {}): HttpProblem =>
  new HttpProblem({ ...problems.conflict, code, detail, extra });

export const tooLarge = (limitBytes: number, what: 'body' | 'query' = 'body'): HttpProblem =>
  new HttpProblem({
    status: 413,
    code: 'too-large',
    title: `The ${what} is too large`,
    detail: `A ${what} of at most ${limitBytes} bytes is taken here.`,
  });

export const tooManyLines = (limitLines: number): HttpProblem =>
  new HttpProblem({
    status: 413,
    code: 'too-large',
    title: 'The body is too large',
    detail: `At most ${limitLines} lines are taken at once: send the rest with the next call.`,
  });

export const unsupportedMediaType = (accepted: readonly string[]): HttpProblem =>
  new HttpProblem({
    status: 415,
    code: 'unsupported-media-type',
    title: 'This content type is not taken here',
    detail: `Send one of: ${accepted.join(', ')}.`,
  });

export const tooManyRequests = (detail: string, retryAfterSeconds: number): HttpProblem =>
  new HttpProblem({
    status: 429,
    code: 'too-many-requests',
    title: 'That is asked for too often',
    detail,
    headers: { 'retry-after': retryAfterSeconds.toString() },
  });

export const unavailable = (detail: string, retryAfterSeconds: number): HttpProblem =>
  new HttpProblem({
    ...problems.unavailable,
    detail,
    headers: { 'retry-after': retryAfterSeconds.toString() },
  });

export const unexpected = (requestId: string): HttpProblem =>
  new HttpProblem({
    status: 500,
    code: 'unexpected',
    title: 'Something went wrong here',
    detail: `Nothing was promised. Name request ${requestId} when you ask about it.`,
  });
