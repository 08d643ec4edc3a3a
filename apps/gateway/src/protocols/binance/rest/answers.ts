import type { StateLog } from '@tickwire/runtime';
import { type ApiHandler, type ApiReply, type ApiRequest, answeringInTurn } from '../../../http/api/api.js';
import { type ReadTurns, TooManyReads } from '../../../limits/read-turns.js';
import { type TimeUnit, timeUnitOf } from '../payload-fields.js';
import { type BinanceApiOptions, binanceEndpoints } from './endpoints.js';
import {
  BinanceApiError,
  binanceErrorReply,
  invalidTimeUnit,
  notAvailable,
  tooManyRequests,
  tryAgain,
} from './errors.js';

/** Market data as clients of Binance ask for it, by REST or over its WebSocket API: the same answer, within the same bounds. */
export interface BinanceAnswers {
  /** The paths of calls, as below `/api/v3`. */
  readonly paths: readonly string[];
  /** Answers a call in its turn, an error included. */
  answer(path: string, request: ApiRequest): Promise<ApiReply>;
  /** The answer for what a handler throws. */
  rejection(error: unknown): ApiReply;
}

export interface BinanceAnswersOptions extends BinanceApiOptions {
  readonly readTurns: Pick<ReadTurns, 'run'>;
  /** Learns of requests that failed for a reason of ours. */
  readonly failures: Pick<StateLog, 'failed'>;
}

/** Weights are not counted, but some clients fail where an answer does not say how much was used. */
const usedWeight = { 'X-MBX-USED-WEIGHT': '0', 'X-MBX-USED-WEIGHT-1M': '0' };

/** These are answered at once. */
const readless: ReadonlySet<string> = new Set(['ping', 'time']);

export const createBinanceAnswers = ({ readTurns, failures, ...options }: BinanceAnswersOptions): BinanceAnswers => {
  const inTurn = answeringInTurn(readTurns);
  const handlersIn = (unit: TimeUnit): ReadonlyMap<string, ApiHandler> =>
    new Map(
      Object.entries(binanceEndpoints({ ...options, unit })).map(([path, handler]) => [
        path,
        readless.has(path) ? handler : inTurn(handler, `v3/${unit}/${path}`),
      ]),
    );
  const handlers = { ms: handlersIn('ms'), us: handlersIn('us') };

  /** Any error of a handler but its own kind means that Redis is out of reach. */
  const rejection = (error: unknown): ApiReply => {
    if (error instanceof TooManyReads) return binanceErrorReply(tooManyRequests());
    if (error instanceof BinanceApiError) return binanceErrorReply(error);
    failures.failed({ err: error });
    return binanceErrorReply(tryAgain());
  };

  return {
    paths: [...handlers.ms.keys()],
    async answer(path, request) {
      try {
        const unit = timeUnitOf(request.header('x-mbx-time-unit'));
        if (unit === undefined) throw invalidTimeUnit();
        const handler = handlers[unit].get(path);
        if (handler === undefined) throw notAvailable();
        const reply = await handler(request);
        return { ...reply, headers: { ...usedWeight, ...reply.headers } };
      } catch (error) {
        return rejection(error);
      }
    },
    rejection,
  };
};
