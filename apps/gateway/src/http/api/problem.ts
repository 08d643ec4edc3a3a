import type { ApiReply } from './api.js';

/** What can go wrong, by the last part of the problem's `type`, with its status and title. */
const problems = {
  'bad-request': { status: 400, title: 'Invalid parameter or body' },
  unauthorized: { status: 401, title: 'The API key or token is missing or wrong' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'publishing-off': { status: 403, title: 'Publishing is off on this server' },
  'not-found': { status: 404, title: 'Not found' },
  'unknown-channel': { status: 404, title: 'Unknown channel' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'has-producer': { status: 409, title: 'Only the producer publishes on this channel' },
  'in-progress': { status: 409, title: 'A request with this idempotency key is in progress' },
  'too-large': { status: 413, title: 'Request body too large' },
  'not-json': { status: 415, title: 'Content-Type must be application/json' },
  'unknown-encoding': { status: 415, title: 'The encoding of the body is unknown' },
  'key-reused': { status: 422, title: 'This idempotency key was used for another publication' },
  'not-ours': { status: 409, title: 'Redis holds something else at the keys of this channel' },
  busy: { status: 503, title: 'Too many reads are waiting' },
  'keys-unavailable': { status: 503, title: 'The keys that verify tokens cannot be reached' },
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
