import { asBuffer, isErrorReply } from '../redis/replies.js';
import { RedisOutOfMemory, RedisRefused, RedisUnavailable } from './errors.js';
import type { ScriptArgument, ScriptClient } from './scripts.js';

/**
 * Sends one command, in the order of the calls. Bulk strings come back as Buffers; an error answer rejects with an Error whose `name` is
 * `ReplyError`, as ioredis makes them; any other rejection means that there was no answer.
 */
export type RedisCall = (command: string, args: readonly (string | number | Buffer)[]) => Promise<unknown>;

/** Runs scripts through whatever can send a command; who made that closes it. */
export const createScriptClient = (call: RedisCall): ScriptClient => ({
  async run(script, keys, args) {
    const rest = [keys.length, ...keys, ...args.map(asCallArgument)];
    try {
      return await call('evalsha', [script.sha1, ...rest]);
    } catch (error) {
      // After a restart, a failover or SCRIPT FLUSH. EVAL loads the script and runs it in the same round trip.
      if (!isErrorReply(error) || !error.message.startsWith('NOSCRIPT')) throw asScriptError(error);
    }
    try {
      return await call('eval', [script.source, ...rest]);
    } catch (error) {
      throw asScriptError(error);
    }
  },
});

/** ioredis would write a plain Uint8Array as text: "1,2,3". */
const asCallArgument = (argument: ScriptArgument): string | number | Buffer =>
  typeof argument === 'object' ? asBuffer(argument) : argument;

/** Answers that pass with time. Before Redis 7 the error of a command in a script is wrapped: `ERR Error …: -OOM …`. */
const passing = /(^|-)(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|READONLY|TRYAGAIN) /;

const asScriptError = (error: unknown): Error => {
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (!isErrorReply(error)) return new RedisUnavailable(`no answer from Redis: ${message}`, options);
  if (/(^|-)OOM /.test(message)) return new RedisOutOfMemory('Redis is at maxmemory: nothing was written', options);
  return passing.test(message) ? new RedisUnavailable(message, options) : new RedisRefused(message, options);
};
