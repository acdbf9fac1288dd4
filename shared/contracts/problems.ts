/** What the `type` of every problem begins with. */
export const PROBLEM_TYPES = 'https://leadledger.dev/problems/';

/** Problems that more than one kind of answer tells. */
export const problems = {
  invalid: { status: 400, code: 'invalid-request', title: 'The request is not valid' },
  forbidden: { status: 403, code: 'forbidden', title: 'This may not be done here' },
  notFound: { status: 404, code: 'not-found', title: 'There is no such thing' },
  /** Of whose code says what contradicts. */
  conflict: { status: 409, title: 'This contradicts what is there' },
  unavailable: { status: 503, code: 'unavailable', title: 'Try again later' },
} as const;
