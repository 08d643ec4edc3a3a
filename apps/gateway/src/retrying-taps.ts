import { LayerUnavailable, RedisUnavailable } from '@tickwire/channel-layer';
import { type Clock, createSystemClock } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { CatalogSource } from './catalog-parts.js';

const retryMs = 500;

export interface RetryingTapsOptions {
  readonly hub: CatalogSource;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** @default the system's */
  readonly clock?: Pick<Clock, 'after'>;
}

/**
 * Taps of channels that a gateway needs for as long as it runs. A tap that cannot be opened because Redis is
 * unreachable is opened when Redis is back: the gateway starts without it.
 * @throws what the hub throws at the first attempt for any other reason.
 */
export const createRetryingTaps = ({
  hub,
  logger,
  clock = createSystemClock(),
}: RetryingTapsOptions): CatalogSource => {
  const failures = createStateLog({
    logger,
    trouble: 'the symbols of producers cannot be followed',
    over: 'the symbols of producers are followed',
  });
  return {
    async tap(channel, listener) {
      let isEnded = false;
      let untap = (): void => {};

      const open = async (): Promise<void> => {
        const opened = await hub.tap(channel, listener);
        if (isEnded) opened();
        else untap = opened;
      };
      const openLater = (): void => {
        untap = clock.after(retryMs, () => {
          open().then(failures.worked, (error: unknown) => {
            // The layer logs that Redis is unreachable.
            if (!isAway(error)) failures.failed({ channel, err: error });
            if (!isEnded) openLater();
          });
        });
      };

      try {
        await open();
      } catch (error) {
        if (!isAway(error)) throw error;
        openLater();
      }
      return () => {
        isEnded = true;
        untap();
      };
    },
  };
};

/** An outage of Redis, which is logged where it begins and ends. */
export const isAway = (error: unknown): boolean =>
  error instanceof LayerUnavailable || error instanceof RedisUnavailable;
