import type { Lease } from '@tickwire/channel-layer';
import { createStateLog, type Logger } from '@tickwire/runtime';

export interface LeadershipOptions {
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly onElected: (fence: number) => void;
  readonly onDeposed: () => void;
  /** Another producer holds the lease as of now. */
  readonly onHeld: () => void;
}

/** How often the holder renews the lease, as a part of its length. */
const renewPart = 1 / 3;
/** How often a standby asks for the lease: a dead leader is replaced within the length of the lease plus this. */
const waitPart = 1 / 6;
const maxWaitMs = 500;
/** How often a leader asks that cannot reach the lease: no other producer can continue its work sooner. */
const regainMs = 100;
/** Turns after which every standby has asked once, with some to spare. */
const yieldTurns = 3;
/** Until a leader has Redis again after a standby has: each tries anew every second at the latest. With as much to spare. */
const leaderReturnsMs = 2_000;

/**
 * Asks for the lease again and again, well within its length: a leader keeps it, and a standby gets it when the leader
 * falls silent. A leader that cannot reach the lease continues to publish (the fence keeps a late one out); it steps
 * down only when another producer holds the lease. A standby that could not reach the lease lets the leader ask first
 * afterwards: the lease may have expired meanwhile, and if Redis lost its end, only the leader has it.
 */
export interface Leadership {
  readonly isLeading: boolean;
  /** On a standby: why it could not lead if it had to. */
  readonly cannotLead: string | undefined;
  /** Resolves when the first attempt was answered: this leads, or another does. Also when it is closed. */
  readonly decided: Promise<void>;
  /**
   * Makes the first attempt; resolves when it was answered or failed. A newcomer makes it later and is not waited for:
   * standbys have heard what the newcomer missed since the last leader stopped, and must lead first.
   */
  start(isNewcomer: boolean): Promise<void>;
  /** To be called when fenced: it no longer leads, and asks for the lease as a standby does. */
  stepDown(): void;
  /** Gives the lease back, so that a standby need not wait until it expires. */
  close(): Promise<void>;
}

export const createLeadership = (options: LeadershipOptions): Leadership => {
  const { lease, leaseMs, logger, onElected, onDeposed, onHeld } = options;
  const waitMs = Math.min(leaseMs * waitPart, maxWaitMs);
  const yieldMs = waitMs * yieldTurns;
  let token: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  /** The last attempt that was made failed. */
  let hasFailed = false;
  let mustYield = false;
  /** The log has said so since this last led. */
  let isStandingBy = false;
  let failure = '';
  let decide: () => void = () => {};
  const decided = new Promise<void>((resolve) => {
    decide = resolve;
  });
  const reach = createStateLog({ logger, trouble: 'lease out of reach', over: 'lease reachable again' });

  const ask = async (): Promise<void> => {
    try {
      if (mustYield && token === undefined) return await yieldFirst();
      become(await lease.acquire());
      reach.worked();
      hasFailed = false;
      mustYield = false;
    } catch (error) {
      reach.failed({ err: error });
      hasFailed = true;
      mustYield = true;
      failure = error instanceof Error ? error.message : String(error);
    }
    if (token === undefined) askAfter(waitMs);
    else askAfter(hasFailed ? Math.min(regainMs, waitMs) : leaseMs * renewPart);
  };

  const askAfter = (ms: number): void => {
    if (!isClosed) timer = setTimeout(() => void ask(), ms);
  };

  /**
   * The holder of a lease may be dead: then standbys ask for it first. A lease that can be read cannot always be
   * acquired: a Redis with a full disk answers the read and rejects the write.
   */
  const yieldFirst = async (): Promise<void> => {
    const holder = await lease.holder();
    mustYield = false;
    askAfter(holder === undefined ? Math.max(yieldMs, leaderReturnsMs) : waitMs);
  };

  /**
   * A newcomer cannot know whether the holder of the lease is alive. It asks one lease after its start, or sooner if
   * the lease becomes free and no standby takes it.
   */
  const startAsNewcomer = async (turnsLeft = Math.ceil((leaseMs + yieldMs) / waitMs)): Promise<void> => {
    const isFree = await lease.holder().then(
      (holder) => {
        if (holder !== undefined) standBy(holder.owner);
        return holder === undefined;
      },
      () => false,
    );
    if (isFree) askAfter(yieldMs);
    else if (turnsLeft === 0) askAfter(0);
    else if (!isClosed) timer = setTimeout(() => void startAsNewcomer(turnsLeft - 1), waitMs);
  };

  const standBy = (leader?: string): void => {
    if (!isStandingBy && !isClosed) logger.info({ leader }, 'another producer leads: standing by');
    isStandingBy = true;
  };

  const become = (granted: number | undefined): void => {
    if (isClosed) return;
    if (granted === undefined) onHeld();
    decide();
    if (granted === token) {
      if (granted === undefined) standBy();
      return;
    }
    const before = token;
    token = granted;
    isStandingBy = granted === undefined;
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
    get cannotLead() {
      return hasFailed && token === undefined ? `the lease is out of reach: ${failure}` : undefined;
    },
    decided,
    start: (isNewcomer) => (isNewcomer ? startAsNewcomer() : ask()),
    stepDown() {
      token = undefined;
      isStandingBy = true;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      decide();
      if (token !== undefined) {
        await lease.release().catch((error: unknown) => {
          logger.warn({ err: error }, 'the lease could not be released: it will expire');
        });
      }
      token = undefined;
    },
  };
};
