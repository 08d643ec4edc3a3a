import type { ApiReply } from '../../../http/api/api.js';

/** A request that Binance would reject. Source: binance-spot-api-docs, errors.md. */
export class BinanceApiError extends Error {
  override readonly name = 'BinanceApiError';
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const binanceErrorReply = ({ code, message, status }: BinanceApiError): ApiReply => ({
  status,
  body: { code, msg: message },
  ...((status === 503 || status === 429) && { headers: { 'Retry-After': '1' } }),
});

export const invalidSymbol = (): BinanceApiError => new BinanceApiError(-1121, 'Invalid symbol.');
export const missingParameter = (name: string): BinanceApiError =>
  new BinanceApiError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
export const illegalParameter = (name: string): BinanceApiError =>
  new BinanceApiError(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`);
/** Texts are Binance's; sent and read count parameters. */
export const unreadParameters = (read: number, sent: number): BinanceApiError =>
  new BinanceApiError(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`);
export const repeatedParameter = (): BinanceApiError =>
  new BinanceApiError(-1101, 'Duplicate values for a parameter detected.');
export const emptyParameter = (name: string): BinanceApiError =>
  new BinanceApiError(-1105, `Parameter '${name}' was empty.`);
export const invalidCombination = (): BinanceApiError =>
  new BinanceApiError(-1128, 'Combination of optional parameters invalid.');
export const invalidInterval = (): BinanceApiError => new BinanceApiError(-1120, 'Invalid interval.');
export const illegalValue = (name: string): BinanceApiError =>
  new BinanceApiError(-1130, `Data sent for parameter '${name}' is not valid.`);
export const invalidTimeUnit = (): BinanceApiError =>
  new BinanceApiError(-1194, 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.');
export const statusMismatch = (): BinanceApiError => new BinanceApiError(-1220, 'The symbol has no such status.');
/** An error of the WebSocket API, in the whole request or in one part of it. */
export const invalidJson = (name?: string): BinanceApiError =>
  new BinanceApiError(
    -1135,
    name === undefined ? 'Invalid JSON Request' : `JSON sent for parameter '${name}' is not valid`,
  );
export const notPermitted = (status: number): BinanceApiError =>
  new BinanceApiError(-2015, 'Invalid API-key, IP, or permissions for action.', status);
export const notAvailable = (): BinanceApiError => new BinanceApiError(-1020, 'This operation is not supported.', 404);
/** Redis is out of reach: the same request may succeed later. */
export const tryAgain = (): BinanceApiError =>
  new BinanceApiError(-1001, 'Internal error; unable to process your request. Please try again.', 503);
/** Too many reads wait for their turn. */
export const tooManyRequests = (): BinanceApiError => new BinanceApiError(-1003, 'Too many requests queued.', 429);
