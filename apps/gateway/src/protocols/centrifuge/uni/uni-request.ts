import { type ChannelOptions, flag, showsAge } from '../../channel-options.js';
import { misspellingIn, repetitionIn } from '../../given-names.js';
import { ProtocolViolation } from '../close-reasons.js';
import { type ConnectRequest, parseConnectRequest, type SubscribeRequest } from '../command.js';
import { parseJson } from '../json-codec.js';
import { parseSubscribeData } from '../subscribe-options.js';

/** The request of a one-way client, which is complete: it can send nothing later. */
export interface UniRequest {
  readonly connect: ConnectRequest;
  /** By channel. */
  readonly wishes: ReadonlyMap<string, UniWish>;
  readonly showsAge: boolean;
}

export type UniWish = Pick<SubscribeRequest, 'recover' | 'epoch' | 'offset'> & { readonly options: ChannelOptions };

const known: readonly string[] = ['cf_connect', 'channel', 'interval', 'last', 'age', 'token'];

/**
 * A connect request as JSON, in `cf_connect` or as the body, with the channels in `subs`. For people who type, it may
 * be `channel` (one or more) with `interval` and `last`; it then begins with the newest publication of each channel.
 * @throws ProtocolViolation, CommandRefused
 */
export const parseUniRequest = (query: URLSearchParams, body: string | undefined): UniRequest => {
  const problem = misspellingIn(query.keys(), known) ?? repetitionIn(query, ['channel']);
  if (problem !== undefined) throw new ProtocolViolation(problem);
  const json = query.get('cf_connect') ?? (body === '' ? undefined : body);
  const connect = parseConnectRequest(json === undefined ? {} : parseJson(json));
  const wishes = new Map<string, UniWish>();
  for (const [channel, { recover, epoch, offset, data }] of Object.entries(connect.subs)) {
    wishes.set(channel, { recover, epoch, offset, options: parseSubscribeData(data) });
  }
  const options = { last: 1, ...parseSubscribeData(dataOf(query)) };
  for (const channel of query.getAll('channel')) {
    if (channel === '') throw new ProtocolViolation('channel is empty');
    wishes.set(channel, { recover: false, epoch: '', offset: 0, options });
  }
  if (!flag.safeParse(query.get('age') ?? undefined).success) throw new ProtocolViolation('age must be 0 or 1');
  return { connect, wishes, showsAge: showsAge(query) };
};

const dataOf = (query: URLSearchParams): object => {
  const data: Record<string, unknown> = {};
  for (const name of ['interval', 'last']) {
    const text = query.get(name);
    if (text !== null) data[name] = /^\d+$/.test(text) ? Number(text) : text;
  }
  return data;
};
