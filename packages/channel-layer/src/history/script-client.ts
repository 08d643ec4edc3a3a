import { LayerUnavailable, RedisOutOfMemory, RedisRefused, RedisUnavailable } from '../errors.js';
import { asBuffer, isErrorReply } from '../redis/replies.js';
import type { ScriptArgument, ScriptClient } from './scripts.js';

/**
 * Sends one command to the server of the address, in the order of the calls. Bulk strings in the reply are Buffers. An
 * error reply rejects with an Error whose `name` is `ReplyError`, as in ioredis; any other rejection means that there
 * was no reply.
 */
export type RedisCall = (
  address: string,
  command: string,
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/** Sends commands; usually a Redis layer. Its creator closes it. */
export interface RedisCaller {
  readonly call: RedisCall;
  /** For commands that only read. @default call */
  readonly read?: RedisCall;
  /** Addresses of one part are on one server, and in a cluster in one slot. @default all of them */
  readonly partOf?: (address: string) => string | number;
}

export const createScriptClient = ({ call, read = call, partOf = () => 0 }: RedisCaller): ScriptClient => {
  const runOver =
    (send: RedisCall): ScriptClient['run'] =>
    async (script, address, keys, args) => {
      const rest = [keys.length, ...keys, ...args.map(asCallArgument)];
      try {
        return await send(address, 'evalsha', [script.sha1, ...rest]);
      } catch (error) {
        // After a restart, a failover or SCRIPT FLUSH. EVAL loads the script and runs it in the same round trip.
        if (!isErrorReply(error) || !error.message.startsWith('NOSCRIPT')) throw asScriptError(error);
      }
      try {
        return await send(address, 'eval', [script.source, ...rest]);
      } catch (error) {
        throw asScriptError(error);
      }
    };
  return { run: runOver(call), read: runOver(read), partOf };
};

const asCallArgument = (argument: ScriptArgument): string | number | Buffer =>
  typeof argument === 'object' ? asBuffer(argument) : argument;

/** Temporary errors. Before Redis 7 the error of a command in a script is wrapped: `ERR Error …: -OOM …`. */
const passing = /(^|-)(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|READONLY|TRYAGAIN) /;

const asScriptError = (error: unknown): Error => {
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (!isErrorReply(error)) {
    const mayHaveRun = !(error instanceof LayerUnavailable) || error.mayHaveRun;
    return new RedisUnavailable(`no answer from Redis: ${message}`, { ...options, mayHaveRun });
  }
  if (/(^|-)OOM /.test(message)) return new RedisOutOfMemory('Redis is at maxmemory: nothing was written', options);
  return passing.test(message)
    ? new RedisUnavailable(message, { ...options, mayHaveRun: false })
    : new RedisRefused(message, options);
};
