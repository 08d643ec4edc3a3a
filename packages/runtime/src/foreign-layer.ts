import type { RedisLayer } from '@tickwire/channel-layer';
import type { Logger } from './logger.js';

export interface ForeignLayerOptions {
  readonly layer: Pick<RedisLayer, 'call'>;
  /** `prefix` of channels_redis. */
  readonly prefix: string;
  readonly logger: Pick<Logger, 'warn'>;
  /**
   * Calls back once after `delayMs`; returns a function that cancels it. @default a timer that does not keep the
   * process alive
   */
  readonly after?: (delayMs: number, callback: () => void) => () => void;
}

/** Keys scanned at a time, so that Redis serves other clients in between. */
const count = 1_000;
const everyMs = 30_000;

const afterTimeout = (delayMs: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
};

/**
 * Warns once if an application keeps its groups in the keys of channels_redis' default layer: its messages and ours
 * would never reach each other, without an error. If Redis does not permit the scan, it stops.
 * @returns a function that stops it
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
      // An unreachable Redis returns; a missing permission stays.
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
