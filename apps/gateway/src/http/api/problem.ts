import type { ApiReply } from './api.js';

/** What can go wrong, by the last part of the problem's `type`, with its status and title. */
const problems = {
  'bad-request': { status: 400, title: 'A parameter or the body is not what it must be' },
  unauthorized: { status: 401, title: 'The API key or token is missing or wrong' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'publishing-off': { status: 403, title: 'This server takes no publications' },
  'not-found': { status: 404, title: 'There is nothing at this path' },
  'unknown-channel': { status: 404, title: 'There is no such channel' },
  'method-not-allowed': { status: 405, title: 'This path has another method' },
  'has-producer': { status: 409, title: 'This channel has a producer, who alone publishes on it' },
  'in-progress': { status: 409, title: 'A request with this idempotency key is being carried out' },
  'too-large': { status: 413, title: 'The body is too large' },
  'not-json': { status: 415, title: 'The body must be JSON, and say so' },
  'key-reused': { status: 422, title: 'This idempotency key was used for another publication' },
  'not-ours': { status: 409, title: 'Redis holds something else at the keys of this channel' },
  busy: { status: 503, title: 'Too many reads wait for their turn' },
  'keys-unavailable': { status: 503, title: 'The keys that tokens are checked with are out of reach' },
  unavailable: { status: 503, title: 'Redis is out of reach' },
} as const;

export type ProblemType = keyof typeof problems;

export const problemTypes = Object.keys(problems) as readonly ProblemType[];
export const problemUri = (type: ProblemType): string => `urn:tickwire:problem:${type}`;

/** A request that is answered with problem details (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemType;
  /** Members beside the standard ones. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemType,
    detail: string,
    more: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.more = more;
    this.headers = headers;
  }
}

export const problemReply = ({ code, message, more, headers }: ApiProblem): ApiReply => ({
  status: problems[code].status,
  contentType: 'application/problem+json',
  headers,
  body: {
    type: problemUri(code),
    title: problems[code].title,
    status: problems[code].status,
    detail: message,
    ...more,
  },
});
