import type { History } from '@tickwire/channel-layer';
import type { Logger } from '@tickwire/runtime';
import { type Request, type Response, Router } from 'express';
import type { BinanceSymbols } from '../../consumers/binance/symbols.js';
import type { ApiHandler, ApiReply, ApiRequest } from './api.js';
import { binanceEndpoints } from './binance/endpoints.js';
import { BinanceApiError, binanceErrorReply, tryAgain } from './binance/errors.js';

export interface ApiOptions {
  readonly history: Pick<History, 'newest'>;
  readonly binanceSymbols: BinanceSymbols;
  readonly logger: Logger;
}

/** Everything below `/api`, as Express takes it. */
export const createApiRouter = ({ history, binanceSymbols, logger }: ApiOptions): Router => {
  const router = Router({ caseSensitive: true });

  for (const [path, handler] of Object.entries(binanceEndpoints({ history, symbols: binanceSymbols }))) {
    router.get(
      `/api/v3/${path}`,
      adapt(handler, (error) => {
        if (error instanceof BinanceApiError) return binanceErrorReply(error);
        logger.warn({ err: error, path }, 'request failed');
        return binanceErrorReply(tryAgain());
      }),
    );
  }
  return router;
};

const adapt =
  (handler: ApiHandler, onError: (error: unknown) => ApiReply) =>
  async (request: Request, response: Response): Promise<void> => {
    let reply: ApiReply;
    try {
      reply = await handler(apiRequest(request));
    } catch (error) {
      reply = onError(error);
    }
    const { status = 200, contentType = 'application/json', headers = {}, body } = reply;
    response.status(status).set(headers).set('Cache-Control', 'no-store').type(contentType).send(JSON.stringify(body));
  };

const apiRequest = (request: Request): ApiRequest => ({
  query: new URL(request.url, 'http://gateway').searchParams,
  header: (name) => request.get(name),
  body: request.body,
});
