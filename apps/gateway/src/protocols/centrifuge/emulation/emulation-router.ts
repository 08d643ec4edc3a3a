import type { Session } from '@tickwire/hub';
import { closeCodeOf } from '@tickwire/protocol';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { tokenOf } from '../../../access/access.js';
import { clientAddress } from '../../../limits/client-address.js';
import type { Acknowledgements } from '../../../timing/acknowledgements.js';
import type { MessageQueue, Sender } from '../../../timing/message-queue.js';
import { showsAge } from '../../channel-options.js';
import type { ClientLives } from '../../client-lives.js';
import { centrifugeCloseCodes } from '../close-reasons.js';
import { CentrifugeConnection } from '../connection.js';
import type { CentrifugeContext } from '../context.js';
import { errorReplies } from '../error-replies.js';
import { createDialects, type StreamKind } from '../formats.js';
import { protobufTypes } from '../protobuf-schema.js';
import { ResponseTransport } from '../uni/response-transport.js';
import { EmulatedClient } from './emulated-client.js';
import type { Emulations } from './emulations.js';

export interface EmulationRouterOptions {
  readonly context: CentrifugeContext;
  readonly emulations: Emulations;
  readonly lives: Pick<ClientLives, 'opened' | 'closed'>;
  /** Without this, only its socket limits a stream. */
  readonly acknowledgements: Acknowledgements | undefined;
  readonly messages: Pick<MessageQueue, 'run' | 'forget'>;
}

const binaryType = 'application/octet-stream';
const contentTypes: Readonly<Record<StreamKind, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  lines: 'application/json; charset=utf-8',
  protobuf: binaryType,
};

/**
 * The client protocol over HTTP, both ways: `/connection/http_stream` and `/connection/sse` begin with the connect command
 * and stream replies and pushes; all further commands are posted to `/emulation`, at whichever gateway.
 */
export const createEmulationRouter = (options: EmulationRouterOptions): Router => {
  const { context, emulations, lives, acknowledgements, messages } = options;
  const { hub, config, metrics } = context;
  const dialects = createDialects(context.losses.onLost);
  const now = (): number => performance.now();
  const limits = { maxChannels: config.maxChannels, commandsPerSecond: config.limits.commandsPerSecond };
  const onTooManyCommands = (): void => metrics.refused('commands');

  const stream = (request: Request, response: Response, kind: StreamKind, first: string | Uint8Array): void => {
    if (first.length === 0) {
      metrics.refused('bad-request');
      refuse(response, 400, 'the connect command is missing');
      return;
    }
    const query = new URL(request.originalUrl, 'http://gateway').searchParams;
    const { codec, format } = dialects.ofStream(kind, showsAge(query));
    const transport = new ResponseTransport(
      response,
      (reason, detail) => format.message(codec.encodeDisconnect(closeCodeOf(centrifugeCloseCodes, reason, detail))),
      acknowledgements && { acknowledgements, answered: (probe) => session.answered(probe) },
    );
    const session: Session = hub.openSession(transport, format);
    lives.opened(session, request.path);
    const client = new EmulatedClient({ session, limits, onTooManyCommands, now });
    // A request cannot be paused: the limit on commands bounds what waits.
    const sender: Sender = {};
    const receive = (data: string | Uint8Array): void => {
      if (session.isClosed || !client.admit(1)) return;
      messages.run(sender, data.length, () => {
        if (!session.isClosed) connection.receive(data);
      });
    };
    const name = emulations.add({ receive });
    const token = tokenOf(request, query, config.access.cookie);
    const connection = new CentrifugeConnection({ ...context, session: name }, client, { codec, format }, token);
    // The hub ends a stream that accepts no bytes; a quiet stream is not idle.
    response.setTimeout(0);
    response.on('drain', () => session.drained());
    response.on('close', () => {
      emulations.remove(name);
      messages.forget(sender);
      lives.closed(session);
      session.disconnected();
      connection.disconnect();
    });
    // Proxies must not hold back messages.
    const unbuffered = { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
    response.writeHead(200, { 'Content-Type': contentTypes[kind], ...unbuffered });
    response.flushHeaders();
    receive(first);
  };

  const deliver = async (request: Request, response: Response): Promise<void> => {
    const command = commandOf(request);
    if (command === undefined) {
      metrics.refused('bad-request');
      refuse(response, 400, 'expected node, session and data');
      return;
    }
    const address = clientAddress(request, config.limits.trustProxy);
    const delivery = await emulations.deliver(command.session, command.data, address);
    if (delivery === 'delivered') response.status(204).end();
    else if (delivery === 'unknown') {
      metrics.refused('unknown-session');
      refuse(response, 404, 'the gateway of this session is gone');
    } else {
      onTooManyCommands();
      response.set('Retry-After', '1');
      refuse(response, 503, 'too many commands are on their way to other gateways: try again');
    }
  };

  const router = Router({ caseSensitive: true });
  const body = express.raw({ type: () => true, limit: config.maxPayloadBytes });
  router.post('/connection/http_stream', body, (request, response) => {
    if (isBinary(request)) stream(request, response, 'protobuf', bytesOf(request));
    else stream(request, response, 'lines', bytesOf(request).toString());
  });
  router.get('/connection/sse', (request, response) => {
    const { searchParams } = new URL(request.originalUrl, 'http://gateway');
    stream(request, response, 'sse', searchParams.get('cf_connect') ?? '');
  });
  router.post('/connection/sse', body, (request, response) => {
    stream(request, response, 'sse', bytesOf(request).toString());
  });
  router.post('/emulation', body, (request, response) => {
    deliver(request, response).catch((error: unknown) => {
      context.logger.debug({ err: error }, 'command of a client over HTTP failed');
      refuse(response, 503, 'try again');
    });
  });
  router.use(
    (error: Error & { status?: number; type?: string }, _request: Request, response: Response, next: NextFunction) => {
      if (error.status === undefined) return next(error);
      // A client that went away in the middle of its body was not rejected.
      if (error.type !== 'request.aborted') metrics.refused(error.status === 413 ? 'payload' : 'bad-request');
      refuse(response, error.status, error.message);
    },
  );
  return router;
};

const refuse = (response: Response, status: number, message: string): void => {
  response.status(status).json({ error: { ...errorReplies.badRequest, message } });
};

const isBinary = (request: Request): boolean => request.get('content-type')?.startsWith(binaryType) === true;

/** Empty where there is no body. */
const bytesOf = ({ body }: Request): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

interface EmulatedCommand {
  readonly session: string;
  readonly data: string | Uint8Array;
}

const textCommand = z.object({ session: z.string().min(1), data: z.string() });
const binaryCommand = z.object({ session: z.string().min(1), data: z.instanceof(Uint8Array) });

const commandOf = (request: Request): EmulatedCommand | undefined => {
  const bytes = bytesOf(request);
  try {
    return isBinary(request)
      ? binaryCommand.safeParse(protobufTypes.emulationRequest.decode(bytes)).data
      : textCommand.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
};
