import { z } from 'zod';
import { errorReplies } from '../../../protocols/centrifuge/error-replies.js';
import { jsonBytes } from '../../../protocols/plain-json/plain-json-format.js';
import type { ApiHandler } from '../api.js';
import type { KeyCheck, MayPublish } from '../api-key.js';
import { jsonWith } from '../message-texts.js';
import { ApiProblem } from '../problem.js';
import { responseOf, type ServerMethods } from './methods.js';
import { isServerMethod, methodsNotOffered, type ServerMethod, serverRequests, unknownField } from './requests.js';

export interface ServerApiOptions {
  readonly methods: ServerMethods;
  readonly checkKey: KeyCheck;
  /** Commands of one batch. */
  readonly maxCommands: number;
  /** Learns of what failed for a reason of ours. */
  readonly onFailure: (error: unknown) => void;
}

/** Centrifugo's HTTP server API: for each path below `/api` what answers a POST there, and `''` for `POST /api`. */
export const createServerApi = (options: ServerApiOptions): ReadonlyMap<string, ApiHandler> => {
  const { methods, checkKey, maxCommands, onFailure } = options;

  const answer = async (name: string, params: unknown, may: MayPublish): Promise<Answer> => {
    if (!isServerMethod(name)) return errorOf(methodsNotOffered.includes(name) ? 'notAvailable' : 'methodNotFound');
    const parsed = serverRequests[name].safeParse(params ?? {});
    if (!parsed.success) return errorOf('badRequest', `bad request: ${issueOf(parsed.error)}`);
    const unknown = unknownField(name, params);
    if (unknown !== undefined) return errorOf('badRequest', `bad request: ${unknown}`);
    try {
      const response = await responseOf(call(methods, name, parsed.data, may));
      return 'error' in response ? response : { result: textOf(response.result) };
    } catch (error) {
      onFailure(error);
      return errorOf('internal');
    }
  };

  const batch = async (body: unknown, may: MayPublish): Promise<Uint8Array> => {
    const parsed = batchRequest.safeParse(body);
    if (!parsed.success) return textOf(errorOf('badRequest', `bad request: ${issueOf(parsed.error)}`));
    const { commands } = parsed.data;
    if (commands.length > maxCommands) return textOf(errorOf('limitExceeded'));
    const replies: Uint8Array[] = [];
    // One after another, also where it says `parallel`: what is published on one channel keeps its order.
    for (const command of commands) {
      const [[name = '', params] = []] = Object.entries(command);
      const answered = await answer(name, params, may);
      replies.push('result' in answered ? fieldText(name, answered.result) : textOf(answered));
    }
    return jsonWith({}, 'replies', replies);
  };

  const handlerOf =
    (work: (body: unknown, may: MayPublish) => Promise<Uint8Array>): ApiHandler =>
    async ({ body, header }) => {
      const may = checkKey({ header });
      if (body === undefined) throw new ApiProblem('not-json', 'send Content-Type: application/json');
      return { body: await work(body, may) };
    };

  const names = [...Object.keys(serverRequests), ...methodsNotOffered];
  return new Map([
    ...names.map(
      (name) => [`/${name}`, handlerOf(async (body, may) => replyText(await answer(name, body, may)))] as const,
    ),
    ['/batch', handlerOf(batch)] as const,
    ['', handlerOf((body, may) => legacy(body, (name, params) => answer(name, params, may)))] as const,
  ]);
};

/** A body of `POST /api/publish` in Centrifugo's shape, and not in our own. */
export const isServerPublish = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  !Object.hasOwn(body, 'message') &&
  (Object.hasOwn(body, 'data') || Object.hasOwn(body, 'b64data'));

const command = z.record(z.string(), z.unknown()).refine((named) => Object.keys(named).length <= 1, {
  error: 'a command names one method',
});
const batchRequest = z.object({ commands: z.array(command) });
const legacyRequest = z.object({ method: z.string(), params: z.unknown().optional() });

/** The form with `method` and `params`, which older client libraries send. */
const legacy = async (
  body: unknown,
  answer: (name: string, params: unknown) => Promise<Answer>,
): Promise<Uint8Array> => {
  const parsed = legacyRequest.safeParse(body);
  return replyText(parsed.success ? await answer(parsed.data.method, parsed.data.params) : errorOf('badRequest'));
};

/** A result is JSON: a large one was put into words over many turns of the event loop. */
type Answer = { readonly result: Uint8Array } | { readonly error: object };

const textOf = (value: object): Uint8Array => (value instanceof Uint8Array ? value : jsonBytes(value));
const fieldText = (name: string, text: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`{${JSON.stringify(name)}:`), text, Buffer.from('}')]);
const replyText = (answer: Answer): Uint8Array =>
  'result' in answer ? fieldText('result', answer.result) : textOf(answer);

const call = <Method extends ServerMethod>(
  methods: ServerMethods,
  name: Method,
  request: Parameters<ServerMethods[Method]>[0],
  may: MayPublish,
): Promise<object> => methods[name](request as never, may);

const errorOf = (name: keyof typeof errorReplies, message: string = errorReplies[name].message): { error: object } => ({
  error: { code: errorReplies[name].code, message },
});

const issueOf = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.map(String).join('.') || 'the body'}: ${issue?.message ?? 'malformed'}`;
