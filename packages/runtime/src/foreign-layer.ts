import type { RedisLayer } from '@tickwire/channel-layer';
import type { Logger } from './logger.js';

export interface ForeignLayerOptions {
  readonly layer: Pick<RedisLayer, 'call'>;
  /** `prefix` of channels_redis. */
  readonly prefix: string;
  readonly logger: Pick<Logger, 'warn'>;
  /** Calls back once after so many milliseconds; returns what calls that off. @default a timer that keeps no process alive */
  readonly after?: (delayMs: number, callback: () => void) => () => void;
}

/** A look at so many keys at a time, so that Redis serves others meanwhile. */
const count = 1_000;
const everyMs = 30_000;

const afterTimeout = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};

/**
 * Warns once when an application has its groups in the keys of channels_redis' default layer: what is sent here would never
 * reach it, nor the other way round, and nobody would say so. A Redis that does not let this process look is left alone.
 * Returns its end.
 */
export const watchForForeignLayer = (options: ForeignLayerOptions): (() => void) => {
  const { layer, prefix, logger, after = afterTimeout } = options;
  const groups = `${prefix}:group:`;
  let cursor = '0';
  let isEnded = false;
  let cancel = (): void => {};

  const look = async (): Promise<void> => {
    const reply = await layer.call(groups, 'SCAN', [cursor, 'MATCH', `${groups}*`, 'COUNT', count]);
    const [next, found] = reply as readonly [Buffer, readonly Buffer[]];
    cursor = next.toString();
    const [first] = found;
    if (isEnded) return;
    if (first === undefined) {
      cancel = after(everyMs, watch);
      return;
    }
    logger.warn(
      { key: first.toString() },
      'an application uses RedisChannelLayer of channels_redis here, whose groups are others: set its BACKEND to channels_redis.pubsub.RedisPubSubChannelLayer',
    );
  };
  const watch = (): void => {
    look().catch((error: unknown) => {
      // Redis out of reach comes back; a right that is missing does not.
      if (isEnded || (error instanceof Error && error.message.startsWith('NOPERM'))) return;
      cancel = after(everyMs, watch);
    });
  };
  watch();

  return () => {
    isEnded = true;
    cancel();
  };
};
