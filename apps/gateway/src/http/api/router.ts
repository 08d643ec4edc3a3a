import type { GroupLayer, History } from '@tickwire/channel-layer';
import type { Turns } from '@tickwire/hub';
import type { SharedKeys, StateLog } from '@tickwire/runtime';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { SymbolCatalog } from '../../catalog.js';
import type { OpenOwnChannels } from '../../channels/open-own-channels.js';
import type { GatewayConfig } from '../../config.js';
import { clientAddress } from '../../limits/client-address.js';
import { type ReadTurns, TooManyReads } from '../../limits/read-turns.js';
import type { GatewayMetrics, RefusalReason } from '../../metrics/gateway-metrics.js';
import type { Binance } from '../../protocols/binance/open-binance.js';
import { notAvailable } from '../../protocols/binance/rest/errors.js';
import type { LayerLoss } from '../../readiness/layer-loss.js';
import { type ApiHandler, type ApiReply, type ApiRequest, answeringInTurn, sendReply } from './api.js';
import { createKeyCheck, type KeyCheck } from './api-key.js';
import { candlesHandler } from './candles.js';
import { historyHandler } from './history.js';
import { bodyErrors, readJsonBody } from './json-body.js';
import { taking } from './parameters.js';
import { ApiProblem, type ProblemType, problemReply } from './problem.js';
import { publishHandler } from './publish.js';
import { createPublishOnce } from './publish-once.js';
import { createServerMethods, type ServerMethodsOptions } from './server-api/methods.js';
import { takingHeaderKey } from './server-api/requests.js';
import { createServerApi, isServerPublish } from './server-api/server-api.js';
import { snapshotHandler } from './snapshot.js';

export interface ApiOptions extends Pick<ServerMethodsOptions, 'hub' | 'countClients' | 'nodes'> {
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  readonly history: History;
  readonly keys: SharedKeys;
  readonly catalog: SymbolCatalog;
  readonly layerLoss: Pick<LayerLoss, 'reason'>;
  readonly own: OpenOwnChannels;
  readonly binance: Pick<Binance, 'answers' | 'wallet' | 'past'>;
  readonly config: GatewayConfig;
  /** Learns of requests that failed for a reason of ours. */
  readonly failures: Pick<StateLog, 'failed'>;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  readonly readTurns: Pick<ReadTurns, 'run'>;
  readonly turns: Turns;
}

/** Older clients ask for the same below `v1`. */
const binanceVersions = ['/api/v3', '/api/v1'];
/** Methods of Centrifugo's server API that read history. */
const reading: ReadonlySet<string> = new Set(['/history', '/batch', '']);
/** Its methods that may publish. */
const writing: ReadonlySet<string> = new Set(['/publish', '/broadcast', '/batch', '']);
const publishPath = '/api/publish';
const retryAfter = { 'Retry-After': '1' };
/** Problems that count as refusals. */
const refusals: Partial<Record<ProblemType, RefusalReason>> = {
  unauthorized: 'api-key',
  forbidden: 'api-key',
  'too-large': 'payload',
};

/** Everything below `/api`, as Express takes it. */
export const createApiRouter = (options: ApiOptions): Router => {
  const { binance, config, own, failures, metrics } = options;
  const router = Router({ caseSensitive: true });
  const adapt = adaptFor(config.limits.trustProxy);
  serveBinance(router, binance, adapt);

  /** Any error of a handler but its own kind means that Redis is out of reach. */
  const onErrorWith =
    (detail: string) =>
    (error: unknown): ApiReply => {
      if (error instanceof ApiProblem) {
        const reason = refusals[error.code];
        if (reason !== undefined) metrics.refused(reason);
        return problemReply(error);
      }
      if (error instanceof TooManyReads) return problemReply(new ApiProblem('busy', error.message, {}, retryAfter));
      failures.failed({ err: error });
      return problemReply(new ApiProblem('unavailable', detail, {}, retryAfter));
    };
  const onError = onErrorWith('the result is unknown: repeat the request with the same Idempotency-Key');
  const onReadError = onErrorWith('nothing was read: repeat the request');

  // The key first: nobody without it makes us read a body.
  const checkKey = createKeyCheck(config.apiKey, own.channels.rules);
  const posts = postHandlers(options, checkKey);
  for (const [path, handler] of Object.entries(posts)) {
    const before = [guard(checkKey, onError), readJsonBody(config.maxPayloadBytes)];
    router.post(path, before, adapt(handler, onError));
  }
  for (const [path, handler] of Object.entries(readHandlers(options))) {
    router.get(path, adapt(handler, onReadError));
    router.all(path, adapt(methodNotAllowed(path in posts ? 'GET, HEAD, POST' : 'GET, HEAD'), onError));
  }
  for (const path of Object.keys(posts)) router.all(path, adapt(methodNotAllowed('POST'), onError));

  router.use('/api', adapt(notFound, onError));
  router.use('/api', bodyErrors(onError));
  return router;
};

const serveBinance = (
  router: Router,
  { answers, wallet }: ApiOptions['binance'],
  adapt: ReturnType<typeof adaptFor>,
): void => {
  for (const path of answers.paths) {
    const paths = binanceVersions.map((version) => `${version}/${path}`);
    router.get(
      paths,
      adapt((request) => answers.answer(path, request), answers.rejection),
    );
  }
  for (const [path, handler] of Object.entries(wallet)) {
    router.get(`/sapi/v1/${path}`, adapt(handler, answers.rejection));
  }
  router.use([...binanceVersions, '/sapi'], adapt(notAtBinance, answers.rejection));
};

const readHandlers = (options: ApiOptions): Readonly<Record<string, ApiHandler>> => {
  const { history, hub, catalog, layerLoss, own, binance, turns } = options;
  const { maxChannels } = options.config;
  const inTurn = answeringInTurn(options.readTurns);
  return {
    '/api/symbols': taking([], () => {
      const isUnknown = catalog.entries.length === 0 && layerLoss.reason !== undefined;
      if (isUnknown) throw new ApiProblem('unavailable', 'symbols are not known yet', {}, retryAfter);
      return { body: catalog.entries };
    }),
    '/api/snapshot': taking(
      ['channels'],
      inTurn(snapshotHandler({ hub, history, catalog, maxChannels, now: Date.now, turns }), 'snapshot'),
    ),
    '/api/history': taking(
      ['channel', 'limit', 'since', 'before'],
      inTurn(historyHandler({ hub, catalog, turns }), 'history'),
    ),
    '/api/candles': taking(
      ['channel', 'interval', 'limit'],
      inTurn(candlesHandler({ past: binance.past, catalog, own: own.channels, now: Date.now }), 'candles'),
    ),
    // Made when first asked for: schemas take longer to write than the rest of the start.
    '/api/openapi.json': async () => ({ body: (await import('./documents/openapi.js')).openApi }),
    '/api/asyncapi.json': async () => ({ body: (await import('./documents/asyncapi.js')).asyncApi }),
  };
};

/** Centrifugo's server API, and the publishing of this gateway, which share a path. */
const postHandlers = (options: ApiOptions, checkKey: KeyCheck): Readonly<Record<string, ApiHandler>> => {
  const { layer, keys, own, catalog, failures } = options;
  const { maxChannels } = options.config;
  const inTurn = answeringInTurn(options.readTurns);
  const serverApi = createServerApi({
    methods: createServerMethods({ ...options, maxChannels }),
    checkKey,
    maxCommands: maxChannels,
    onFailure: (error) => failures.failed({ err: error }),
  });
  const posts: Record<string, ApiHandler> = {};
  for (const [path, serverHandler] of serverApi) {
    const handler = writing.has(path) ? takingHeaderKey(path, serverHandler) : serverHandler;
    posts[`/api${path}`] = reading.has(path) ? inTurn(handler) : handler;
  }
  const publish = publishHandler({ layer, once: createPublishOnce({ keys }), own, catalog, checkKey });
  const { [publishPath]: serverPublish = publish } = posts;
  posts[publishPath] = (request) => (isServerPublish(request.body) ? serverPublish(request) : publish(request));
  return posts;
};

const notFound: ApiHandler = () => {
  throw new ApiProblem('not-found', 'see /api/openapi.json for all paths');
};

const notAtBinance: ApiHandler = () => {
  throw notAvailable();
};

const methodNotAllowed =
  (allow: string): ApiHandler =>
  () => {
    throw new ApiProblem('method-not-allowed', `use ${allow}`, {}, { Allow: allow });
  };

const adaptFor =
  (trustProxy: number) =>
  (handler: ApiHandler, onError: (error: unknown) => ApiReply): RequestHandler =>
  async (request, response) => {
    let reply: ApiReply;
    try {
      reply = await handler(apiRequest(request, response, trustProxy));
    } catch (error) {
      reply = onError(error);
    }
    sendReply(response, reply);
  };

const guard =
  (check: KeyCheck, onError: (error: unknown) => ApiReply): RequestHandler =>
  (request, response, next) => {
    try {
      check({ header: (name) => request.get(name) });
    } catch (error) {
      sendReply(response, onError(error));
      return;
    }
    next();
  };

const apiRequest = (request: Request, response: Response, trustProxy: number): ApiRequest => ({
  address: clientAddress(request, trustProxy),
  query: new URL(request.originalUrl, 'http://gateway').searchParams,
  header: (name) => request.get(name),
  body: request.body,
  answered: new Promise((resolve) => {
    if (response.closed) resolve(undefined);
    else response.once('close', resolve);
  }),
});
