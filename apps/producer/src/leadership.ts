import type { Lease } from '@tickwire/channel-layer';
import type { Logger } from '@tickwire/runtime';

export interface LeadershipOptions {
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly logger: Logger;
  readonly onElected: (fence: number) => void;
  readonly onDeposed: () => void;
}

/**
 * Asks for the lease again and again, at a third of its length: a leader keeps it, a standby gets it when the leader
 * fell silent. A leader that cannot reach the lease goes on publishing (the fence keeps a late one out) and steps down
 * only when another holds it.
 */
export interface Leadership {
  readonly isLeading: boolean;
  /** The first attempt; resolves when it was answered or failed. */
  start(): Promise<void>;
  /** Asks at once, as after being fenced. */
  stepDown(): void;
  /** Gives the lease back, so that a standby need not wait for it to run out. */
  close(): Promise<void>;
}

export const createLeadership = (options: LeadershipOptions): Leadership => {
  const { lease, leaseMs, logger, onElected, onDeposed } = options;
  let token: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let hasFailed = false;

  const ask = async (): Promise<void> => {
    try {
      const granted = await lease.acquire();
      if (isClosed) return;
      if (hasFailed) logger.info('lease reachable again');
      hasFailed = false;
      become(granted);
    } catch (error) {
      if (!hasFailed) logger.warn({ err: error }, 'lease out of reach');
      hasFailed = true;
    }
    if (!isClosed) timer = setTimeout(() => void ask(), leaseMs / 3);
  };

  const become = (granted: number | undefined): void => {
    if (granted === token) return;
    const before = token;
    token = granted;
    if (granted !== undefined) {
      logger.info({ fence: granted }, 'leading');
      onElected(granted);
    } else if (before !== undefined) {
      logger.warn('another producer leads: standing by');
      onDeposed();
    }
  };

  return {
    get isLeading() {
      return token !== undefined;
    },
    start: ask,
    stepDown() {
      token = undefined;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      // A Redis out of reach lets the lease run out by itself.
      if (token !== undefined) await lease.release().catch(() => undefined);
      token = undefined;
    },
  };
};
