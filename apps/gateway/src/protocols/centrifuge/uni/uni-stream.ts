import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '@tickwire/hub';
import { type CloseReason, closeCodeOf } from '@tickwire/protocol';
import type { Grant } from '../../../access/grant.js';
import type { Acknowledgements } from '../../../timing/acknowledgements.js';
import type { Wheel } from '../../../timing/wheel.js';
import type { ClientLives } from '../../client-lives.js';
import { isAway } from '../../consumer.js';
import { centrifugeCloseCodes } from '../close-reasons.js';
import { connectFields } from '../connect.js';
import type { CentrifugeContext } from '../context.js';
import { joinStarts, type SubscribeResults } from '../join-starts.js';
import type { SubscribeResult } from '../reply.js';
import { eventId } from './event-id.js';
import {
  connectPush,
  disconnectPush,
  type PushFormat,
  pushFormat,
  retryField,
  unsubscribePush,
} from './push-format.js';
import { ResponseTransport } from './response-transport.js';
import { UniSession } from './uni-session.js';
import type { UniStart } from './uni-start.js';

/** Clients that were cut off together spread their reconnects over this time. */
const minRetryMs = 500;
const maxRetryMs = 2_000;

export interface UniStreamOptions {
  readonly context: CentrifugeContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isSse: boolean;
  readonly grant: Grant;
  readonly start: UniStart;
  /** Visits every stream in turn. */
  readonly wheel: Wheel<UniSession>;
  /** A ping is due at the first turn of the wheel after this. */
  readonly pingMs: number;
  readonly random: () => number;
  readonly lives: Pick<ClientLives, 'opened' | 'closed'>;
  /** Without this, only its socket limits a stream. */
  readonly acknowledgements: Acknowledgements | undefined;
}

/**
 * Streams until the client or the gateway leaves. The head of the response is written once everything requested is
 * ready: until then an error is an HTTP status.
 * @throws what the hub throws, before that.
 */
export const streamPushes = async (options: UniStreamOptions): Promise<void> => {
  const { context, response, start, grant, wheel, pingMs, lives, acknowledgements } = options;
  const { hub, presence } = context;
  // The client left while its token was checked.
  if (response.destroyed) return;
  const format = formatOf(options);
  const transport = new ResponseTransport(
    response,
    (reason, detail) => format.push(disconnectPush(closeCodeOf(centrifugeCloseCodes, reason, detail))),
    acknowledgements && { acknowledgements, answered: (probe) => session.answered(probe) },
  );
  const session: Session = hub.openSession(transport, format.format);
  lives.opened(session, options.isSse ? '/connection/uni_sse' : '/connection/uni_http_stream');
  const client = new UniSession(session, format, start.channels, { pingMs, now: () => performance.now() });
  const present = new Set<string>();
  let leave: (() => void) | undefined;
  const endExpiry =
    grant.expiresAtMs === undefined
      ? undefined
      : context.expiries.add(grant.expiresAtMs, () => session.close('expired'));

  const unsubscribe = (channel: string): void => {
    if (!present.delete(channel)) return;
    presence.leave(channel, grant.user);
    hub.unsubscribe(session, channel);
    session.send(format.push(unsubscribePush(channel)));
  };

  // The hub ends a stream that accepts no bytes; a quiet stream is not idle.
  response.setTimeout(0);
  response.on('drain', () => session.drained());
  response.on('close', () => {
    lives.closed(session);
    session.disconnected();
    endExpiry?.();
    leave?.();
    wheel.remove(client);
    for (const channel of present) presence.leave(channel, grant.user);
    present.clear();
  });

  try {
    await joinStarts(context, session, start.starts, (results, snapshots) => {
      writeHead(options, format);
      for (const [channel, { position }] of snapshots) client.begin(channel, position);
      const id = begin(options, { format, session, client }, results);
      leave = context.clients.add({ id, user: grant.user, session, unsubscribe });
      for (const channel of start.channels) {
        presence.enter(channel, grant.user);
        present.add(channel);
      }
      wheel.add(client);
      return true;
    });
  } catch (error) {
    if (!response.headersSent) {
      session.disconnected();
      throw error;
    }
    context.logger.debug({ err: error }, 'stream failed');
    session.close(isAway(error) ? 'unavailable' : 'serverError');
  }
};

/** For a client that should reconnect: an EventSource does so only after a stream that began. */
export const endAtOnce = (response: ServerResponse, reason: CloseReason, random: () => number): void => {
  const { push, contentType } = pushFormat('sse');
  response.writeHead(200, headersOf(contentType));
  response.end(
    Buffer.concat([Buffer.from(retryField(retryMs(random))), push(disconnectPush(centrifugeCloseCodes[reason]))]),
  );
};

const formatOf = ({ isSse, start }: UniStreamOptions): PushFormat => {
  if (!isSse) return pushFormat('httpStream', start.showsAge);
  return pushFormat(start.channels.length === 1 ? 'sseSingle' : 'sse', start.showsAge);
};

const headersOf = (contentType: string): Readonly<Record<string, string>> => ({
  'Content-Type': contentType,
  'Cache-Control': 'no-store',
  // Proxies must not hold back messages.
  'X-Accel-Buffering': 'no',
});

const writeHead = ({ response, isSse, random }: UniStreamOptions, { contentType }: PushFormat): void => {
  response.writeHead(200, headersOf(contentType));
  if (isSse) response.write(retryField(retryMs(random)));
};

const retryMs = (random: () => number): number => minRetryMs + random() * (maxRetryMs - minRetryMs);

/** Sends first what the client follows and from where, then what it missed, each as its own event. Returns the id. */
const begin = (
  { context, grant, start, isSse }: UniStreamOptions,
  { format, session, client }: { format: PushFormat; session: Session; client: UniSession },
  results: SubscribeResults,
): string => {
  const subs: Record<string, SubscribeResult> = {};
  const { pong: _, ...fields } = connectFields(context, grant);
  for (const [channel, { publications: __, ...sub }] of results) subs[channel] = sub;
  // The id of the position before the missed messages: a client cut off in between requests them again.
  const id = eventId(start.channels, (channel) => {
    const { epoch, offset = 0 } = subs[channel] ?? {};
    return epoch === undefined ? undefined : { epoch, seq: offset };
  });
  session.send(format.push(connectPush({ ...fields, subs }), isSse ? id : undefined));
  for (const { publications } of results.values()) if (publications !== undefined) session.sendItems(publications);
  if (isSse && start.channels.length > 1) client.sendId();
  return fields.client;
};
