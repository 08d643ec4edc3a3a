/** A batch or range no store could take: a seq that is not a positive integer, a message without its own position. Nothing was sent. */
export class InvalidHistoryRequest extends Error {
  override readonly name = 'InvalidHistoryRequest';
  readonly code = 'INVALID_HISTORY_REQUEST';
}

/** Redis is at `maxmemory` and may evict nothing. A script that met this wrote nothing at all; repeating it later is safe. */
export class RedisOutOfMemory extends Error {
  override readonly name = 'RedisOutOfMemory';
  readonly code = 'REDIS_OUT_OF_MEMORY';
}

/**
 * No answer, or one that passes with time: the connection broke, Redis is loading, a replica, or short of replicas.
 * Whether the script ran is unknown; repeating an append or an acquire is safe.
 */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
  readonly code = 'REDIS_UNAVAILABLE';
}

/** An answer that will be the same next time: a right that is missing, a key of another type, no such command. */
export class RedisRefused extends Error {
  override readonly name = 'RedisRefused';
  readonly code = 'REDIS_REFUSED';
}
