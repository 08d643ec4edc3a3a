import { idOf, isFields, type RequestId } from '../request.js';
import {
  BinanceApiError,
  illegalValue,
  invalidJson,
  missingParameter,
  notAvailable,
  unreadParameters,
} from '../rest/errors.js';

/** A request of Binance's WebSocket API, as the call of REST that it is. */
export interface Call {
  readonly id: RequestId;
  /** Below `/api/v3`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined where the request leaves it to the connection. */
  readonly showsLimits?: boolean;
}

/** A request that is not a call of ours. */
export interface RejectedCall {
  readonly id: RequestId;
  readonly error: BinanceApiError;
}

/** By method, the path of the same call by REST. */
const paths: ReadonlyMap<string, string> = new Map([
  ['ping', 'ping'],
  ['time', 'time'],
  ['exchangeInfo', 'exchangeInfo'],
  ['depth', 'depth'],
  ['trades.recent', 'trades'],
  ['trades.historical', 'historicalTrades'],
  ['trades.aggregate', 'aggTrades'],
  ['klines', 'klines'],
  ['uiKlines', 'uiKlines'],
  ['avgPrice', 'avgPrice'],
  ['ticker', 'ticker'],
  ['ticker.24hr', 'ticker/24hr'],
  ['ticker.tradingDay', 'ticker/tradingDay'],
  ['ticker.price', 'ticker/price'],
  ['ticker.book', 'ticker/bookTicker'],
]);

/** Parameters of the request, not of the call. REST has the key in a header, and market data needs none. */
const ownParameters: ReadonlySet<string> = new Set(['returnRateLimits', 'apiKey']);

/** Takes a message apart. Source of the form: binance-spot-api-docs, web-socket-api.md. */
export const parseCall = (text: string): Call | RejectedCall => {
  let id = 'null';
  try {
    const fields = fieldsOf(text);
    id = idOf(fields, text) ?? 'null';
    if (fields['id'] !== null && id === 'null') throw missingParameter('id');
    const path = pathOf(fields['method']);
    const params = fields['params'] ?? {};
    if (!isFields(params)) throw invalidJson('params');
    const showsLimits = flagOf(params, 'returnRateLimits');
    return { id, path, query: queryOf(params), ...(showsLimits !== undefined && { showsLimits }) };
  } catch (error) {
    if (!(error instanceof BinanceApiError)) throw error;
    return { id, error };
  }
};

export const isRejected = (call: Call | RejectedCall): call is RejectedCall => 'error' in call;

const fieldsOf = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidJson();
  }
  if (!isFields(value)) throw invalidJson();
  return value;
};

/** A method may be prefixed with its version. */
const pathOf = (method: unknown): string => {
  if (typeof method !== 'string') throw missingParameter('method');
  const path = paths.get(method.replace(/^v3\//, ''));
  if (path === undefined) throw notAvailable();
  return path;
};

const flagOf = (params: Readonly<Record<string, unknown>>, name: string): boolean | undefined => {
  const flag = params[name];
  if (flag === undefined || typeof flag === 'boolean') return flag;
  throw illegalValue(name);
};

const queryOf = (params: Readonly<Record<string, unknown>>): URLSearchParams => {
  const sent = Object.entries(params).filter(([name]) => !ownParameters.has(name));
  // In a URL a token may be beside the parameters of any call, not here.
  if (Object.hasOwn(params, 'token')) throw unreadParameters(sent.length - 1, sent.length);
  return new URLSearchParams(sent.map(([name, value]): [string, string] => [name, textOf(name, value)]));
};

/** As REST has it in a URL: lists as JSON. */
const textOf = (name: string, value: unknown): string => {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return JSON.stringify(value);
  throw illegalValue(name);
};
