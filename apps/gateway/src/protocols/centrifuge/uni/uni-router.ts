import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { tokenOf } from '../../../access/access.js';
import { maxChannelsOf } from '../../../access/grant.js';
import type { Acknowledgements } from '../../../timing/acknowledgements.js';
import { createWheel } from '../../../timing/wheel.js';
import { type ClientLives, silentLives } from '../../client-lives.js';
import { isAway } from '../../consumer.js';
import { ProtocolViolation } from '../close-reasons.js';
import type { CentrifugeContext } from '../context.js';
import { CommandRefused, type ErrorReply, errorReplies, failureReplyOf, refusalReasonOf } from '../error-replies.js';
import { parseUniRequest } from './uni-request.js';
import type { UniSession } from './uni-session.js';
import { maxSseChannels, planUniStart } from './uni-start.js';
import { endAtOnce, streamPushes } from './uni-stream.js';

/**
 * How often a stream of several channels receives an id to reconnect with. Messages after the last id may come twice.
 */
const idIntervalMs = 2_000;

/** HTTP statuses for errors. After any of them an EventSource does not reconnect. */
const statuses: Readonly<Record<number, number>> = {
  101: 401,
  102: 404,
  103: 403,
  109: 401,
};

export interface UniRouterOptions {
  /** From 0 up to, but not including, 1. @default Math.random */
  readonly random?: () => number;
  /** @default nobody follows them */
  readonly lives?: Pick<ClientLives, 'opened' | 'closed'>;
  /** Without this, only its socket limits a stream. */
  readonly acknowledgements?: Acknowledgements | undefined;
}

/**
 * The one-way fallbacks of the Centrifuge protocol: `/uni_sse` for EventSource and curl, `/uni_http_stream` for
 * anything that reads a response line by line. Documented in docs/protocols/centrifuge.md.
 */
export const createUniRouter = (context: CentrifugeContext, options: UniRouterOptions = {}): Router => {
  const { random = Math.random, lives = silentLives, acknowledgements } = options;
  const intervalMs = Math.min(idIntervalMs, context.config.pingMs);
  const ids = createWheel<UniSession>({
    intervalMs,
    visit(client) {
      client.ping();
      client.sendId();
    },
  });
  const pings = createWheel<UniSession>({ intervalMs, visit: (client) => client.ping() });
  const pingMs = context.config.pingMs - intervalMs;

  const serve = async (request: Request, response: Response, isSse: boolean): Promise<void> => {
    try {
      const query = new URL(request.originalUrl, 'http://gateway').searchParams;
      const asked = parseUniRequest(query, typeof request.body === 'string' ? request.body : undefined);
      const grant = await context.authenticate(asked.connect, tokenOf(request, query, context.config.access.cookie));
      const lastEventId = isSse ? (request.get('Last-Event-ID') ?? '') : '';
      const allowed = maxChannelsOf(grant, context.config.maxChannels);
      const maxChannels = isSse ? Math.min(maxSseChannels, allowed) : allowed;
      const start = await planUniStart(context, asked, { grant, lastEventId, maxChannels });
      const wheel = isSse && start.channels.length > 1 ? ids : pings;
      await streamPushes({
        context,
        request,
        response,
        isSse,
        grant,
        start,
        wheel,
        pingMs,
        random,
        lives,
        acknowledgements,
      });
    } catch (error) {
      refuse(response, isSse, error);
    }
  };

  const refuse = (response: Response, isSse: boolean, error: unknown): void => {
    const reply = replyOf(error);
    const counted = refusalReasonOf(reply);
    if (counted !== undefined) context.metrics.refused(counted);
    if (reply.temporary !== true) {
      response.status(statuses[reply.code] ?? 400).json({ error: reply });
      return;
    }
    context.logger.debug({ err: error }, 'stream failed');
    if (isSse) endAtOnce(response, isAway(error) ? 'unavailable' : 'serverError', random);
    else response.status(503).set('Retry-After', '1').json({ error: reply });
  };

  const router = Router();
  const body = express.text({ type: () => true, limit: context.config.maxPayloadBytes });
  for (const [path, isSse] of [
    ['/uni_sse', true],
    ['/uni_http_stream', false],
  ] as const) {
    router.head(path, (_request, response) => {
      response.status(204).end();
    });
    router.get(path, (request, response) => serve(request, response, isSse));
    router.post(path, body, (request, response) => serve(request, response, isSse));
  }
  router.use((error: Error & { status?: number }, _request: Request, response: Response, next: NextFunction) => {
    if (error.status === undefined) return next(error);
    response.status(error.status).json({ error: { ...errorReplies.badRequest, message: error.message } });
  });
  return router;
};

const replyOf = (error: unknown): ErrorReply => {
  if (error instanceof CommandRefused) return error.reply;
  if (error instanceof ProtocolViolation && error.closeReason === 'invalidToken') {
    return { ...errorReplies.unauthorized, message: error.message };
  }
  if (error instanceof ProtocolViolation) return { ...errorReplies.badRequest, message: error.message };
  return failureReplyOf(error);
};
