import { types } from 'node:util';

/** An error reply of the server, as ioredis makes them. Any other error means that there was no answer. */
export const isErrorReply = (error: unknown): error is Error =>
  types.isNativeError(error) && error.name === 'ReplyError';

/** Before Redis 7 the error of a command in a script is wrapped: `ERR Error …: -READONLY …`. */
const wrongServer = /(^|-)(READONLY|MASTERDOWN) /;

/**
 * The answer of a replica: the address has moved to another server, or this one was demoted. It does not go away on
 * this connection, but a new one may reach the master.
 */
export const isOfWrongServer = (error: unknown): error is Error =>
  isErrorReply(error) && wrongServer.test(error.message);

/** ioredis writes a plain Uint8Array as text. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const sayings: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'temporary DNS failure'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ECONNRESET', 'connection reset'],
  ['ENOENT', 'no such socket'],
]);

/** Why a connection could not be opened, or ended, in a few words and without a password. */
export const describeError = (error: unknown): string => {
  // Not `instanceof`: the errors of sockets may come from another realm.
  if (!types.isNativeError(error)) return String(error);
  if (error.message.startsWith('NOAUTH')) return `password required (${error.message})`;
  if (error.message.startsWith('WRONGPASS')) return `wrong username or password (${error.message})`;
  // For a host with several addresses Node rejects with an error that has a code and no message.
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  return sayings.get(code) ?? (error.message || code || error.name);
};
