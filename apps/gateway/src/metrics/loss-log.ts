import type { HubCounters } from '@tickwire/hub';
import type { Logger } from '@tickwire/runtime';

export interface LossLogOptions {
  readonly logger: Pick<Logger, 'warn'>;
  readonly counters: Readonly<HubCounters>;
  /** How often counters are compared with their last values. @default 1_000 */
  readonly sampleMs?: number;
  /** Shortest time between two lines of one kind. @default 60_000 */
  readonly everyMs?: number;
  /** @default performance.now */
  readonly now?: () => number;
}

/** Counters of the hub that must stay where they are, with the line for their growth. */
const logged = {
  lost: 'publications lost: history no longer had them',
  forged: 'messages dropped: they claim a position that history does not reach',
  unencodable: 'publications left out: they cannot be encoded for clients',
  failedTaps: 'publications left out: a stream made of them failed',
} as const satisfies Partial<Record<keyof HubCounters, string>>;

/** Operators see these as events, in memory only. The log says when it happened, also a week later. */
export const openLossLog = (options: LossLogOptions): { close(): void } => {
  const { logger, counters, sampleMs = 1_000, everyMs = 60_000, now = () => performance.now() } = options;
  const kinds = Object.entries(logged).map(([name, text]) => {
    const read = (): number => counters[name as keyof typeof logged];
    return { read, text, loggedCount: read(), loggedAt: Number.NEGATIVE_INFINITY };
  });
  const sample = (): void => {
    for (const kind of kinds) {
      const count = kind.read() - kind.loggedCount;
      if (count === 0 || now() - kind.loggedAt < everyMs) continue;
      logger.warn({ count }, kind.text);
      kind.loggedCount += count;
      kind.loggedAt = now();
    }
  };
  const timer = setInterval(sample, sampleMs).unref();
  return { close: () => clearInterval(timer) };
};
