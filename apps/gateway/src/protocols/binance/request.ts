/** The id of a request as JSON text, to be echoed untouched: integers go beyond what a JavaScript number holds. */
export type RequestId = string;

export type Request =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly names: readonly string[]; readonly id: RequestId }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_PROPERTY'; readonly isCombined: boolean; readonly id: RequestId }
  | { readonly method: 'GET_PROPERTY'; readonly id: RequestId };

/** What Binance answers to a request it cannot take. */
export interface RequestError {
  readonly code: number;
  readonly msg: string;
  /** Absent where the request had none that can be echoed. */
  readonly id?: RequestId;
}

const methods = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;
type Method = (typeof methods)[number];

const property = 'combined';
const maxIdLength = 36;
/** Longer than any stream's name: what is kept of a client is bounded by it. */
const maxNameLength = 100;

/** Takes a control message apart. Source of the errors: binance-spot-api-docs, web-socket-streams.md. */
export const parseRequest = (text: string): Request | RequestError => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalidJson;
  }
  const fields = isFields(value) ? value : {};
  const id = idOf(fields, text);
  const refuse = (code: number, msg: string): RequestError => ({ code, msg, ...(id !== undefined && { id }) });

  const { method, params } = fields;
  if (method === undefined) return refuse(2, `Invalid request: missing field \`method\``);
  if (!isMethod(method)) return refuse(2, `Invalid request: ${unknownVariant(method)}`);
  if (id === undefined) return refuse(2, 'Invalid request: request ID must be an unsigned integer');

  switch (method) {
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      if (params === undefined) return refuse(2, `Invalid request: missing field \`params\``);
      if (!isNames(params)) return refuse(2, 'Invalid request: params must be an array of stream names');
      return { method, names: params, id };
    case 'LIST_SUBSCRIPTIONS':
      return hasMoreThan(params, 0) ? refuse(2, tooManyParameters) : { method, id };
    case 'GET_PROPERTY':
      if (hasMoreThan(params, 1)) return refuse(2, tooManyParameters);
      return propertyError(params, refuse) ?? { method, id };
    case 'SET_PROPERTY': {
      if (hasMoreThan(params, 2)) return refuse(2, tooManyParameters);
      const error = propertyError(params, refuse);
      if (error !== undefined) return error;
      const isCombined: unknown = Array.isArray(params) ? params[1] : undefined;
      if (typeof isCombined !== 'boolean') return refuse(1, 'Invalid value type: expected Boolean');
      return { method, isCombined, id };
    }
  }
};

export const isRequestError = (parsed: Request | RequestError): parsed is RequestError => 'code' in parsed;

export const tooManyParameters = 'Invalid request: too many parameters';
/** Invalid JSON, or a binary frame. The fault is not located: the place is always the first character. */
export const invalidJson: RequestError = { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' };

export const errorText = ({ code, msg, id }: RequestError): string =>
  `{"code":${code},"msg":${JSON.stringify(msg)}${id === undefined ? '' : `,"id":${id}`}}`;

const propertyError = (
  params: unknown,
  refuse: (code: number, msg: string) => RequestError,
): RequestError | undefined => {
  const name: unknown = Array.isArray(params) ? params[0] : undefined;
  if (typeof name !== 'string') return refuse(2, 'Invalid request: property name must be a string');
  return name === property ? undefined : refuse(0, 'Unknown property');
};

/** A 64-bit signed integer, a string of at most 36 characters, or null; undefined for anything else. */
export const idOf = (fields: Readonly<Record<string, unknown>>, text: string): RequestId | undefined => {
  const { id } = fields;
  if (id === null) return 'null';
  if (typeof id === 'string') return id.length <= maxIdLength ? JSON.stringify(id) : undefined;
  if (typeof id !== 'number') return undefined;
  if (Number.isSafeInteger(id)) return String(id);
  // Beyond 2^53 its digits are only in the text.
  const digits = [...text.matchAll(/"id"\s*:\s*(-?\d{16,19})(?!\d)/g)].map(([, found = '']) => found);
  return digits.find((found) => Number(found) === id && BigInt.asIntN(64, BigInt(found)) === BigInt(found));
};

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMethod = (method: unknown): method is Method => (methods as readonly unknown[]).includes(method);

const isNames = (params: unknown): params is readonly string[] =>
  Array.isArray(params) && params.every((name) => typeof name === 'string' && name.length <= maxNameLength);

const hasMoreThan = (params: unknown, count: number): boolean => Array.isArray(params) && params.length > count;

const unknownVariant = (method: unknown): string =>
  `unknown variant \`${shown(method)}\`, expected one of ${methods.map((name) => `\`${name}\``).join(', ')}`;

/** Not the value itself: it may be of any depth. */
const shown = (method: unknown): string => {
  if (Array.isArray(method)) return 'sequence';
  return typeof method === 'object' && method !== null ? 'map' : String(method).slice(0, maxNameLength);
};
