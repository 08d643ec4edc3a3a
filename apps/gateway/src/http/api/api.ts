import type { Response } from 'express';
import type { ReadTurns } from '../../limits/read-turns.js';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';

/** A request as far as the API needs it: no framework in what answers. */
export interface ApiRequest {
  readonly query: URLSearchParams;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** The address that limits count for the client. */
  readonly address: string;
  /** Parsed JSON; undefined without one. */
  readonly body: unknown;
  /** Resolves when the client has taken the answer, or is gone. */
  readonly answered: Promise<unknown>;
}

export interface ApiReply {
  /** @default 200 */
  readonly status?: number;
  /** @default application/json */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, as bytes that were made already or as a value. */
  readonly body: unknown;
}

/** Answers one path. What it throws is the caller's to turn into an answer. */
export type ApiHandler = (request: ApiRequest) => ApiReply | Promise<ApiReply>;

/** Answers of the API are of the moment: nothing on the way may keep them. */
export const sendReply = (
  response: Response,
  { status = 200, contentType = 'application/json', headers = {}, body }: ApiReply,
): void => {
  response
    .status(status)
    .set({ 'Cache-Control': 'no-store', ...headers })
    .type(contentType)
    .send(body instanceof Uint8Array ? body : jsonBytes(body));
};

/** With a name for what a handler answers of its query alone: who asks for the same shares the answer. */
export const answeringInTurn =
  (readTurns: Pick<ReadTurns, 'run'>) =>
  (handler: ApiHandler, name?: string): ApiHandler =>
  (request) => {
    const { address, answered } = request;
    const key = name === undefined ? {} : { key: `${name}?${withoutToken(request.query)}` };
    return readTurns.run(address, async () => handler(request), { answered, ...key });
  };

const withoutToken = (query: URLSearchParams): string =>
  new URLSearchParams([...query].filter(([name]) => name !== 'token')).toString();
