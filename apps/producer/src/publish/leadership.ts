import type { Lease } from '@tickwire/channel-layer';
import { createStateLog, type Logger } from '@tickwire/runtime';

export interface LeadershipOptions {
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly onElected: (fence: number) => void;
  readonly onDeposed: () => void;
  /** Another holds the lease as of now. */
  readonly onHeld: () => void;
}

/** How often its holder renews the lease, as a part of its length. */
const renewPart = 1 / 3;
/** How often those who stand by ask for it: a dead leader is followed within its length and this. */
const waitPart = 1 / 6;
const maxWaitMs = 500;
/** How often a leader asks that cannot reach the lease: nobody else can go on where it stopped sooner. */
const regainMs = 100;
/** Turns until everybody who stands by has asked once, with something to spare. */
const yieldTurns = 3;

/**
 * Asks for the lease again and again, well within its length: a leader keeps it, a standby gets it when the leader
 * fell silent. A leader that cannot reach the lease goes on publishing (the fence keeps a late one out) and steps down
 * only when another holds it. A standby that could not reach it lets the leader go first when it can again: the lease may
 * have run out meanwhile, and if Redis lost its end, only the leader has it.
 */
export interface Leadership {
  readonly isLeading: boolean;
  /** While it stands by: why it could not lead if it had to. */
  readonly cannotLead: string | undefined;
  /**
   * The first attempt; resolves when it was answered or failed. A newcomer makes it later and does not wait for it: those
   * who stood by when the last leader went have heard what a newcomer missed, and must come first.
   */
  start(isNewcomer: boolean): Promise<void>;
  /** Asks at once, as after being fenced. */
  stepDown(): void;
  /** Gives the lease back, so that a standby need not wait for it to run out. */
  close(): Promise<void>;
}

export const createLeadership = (options: LeadershipOptions): Leadership => {
  const { lease, leaseMs, logger, onElected, onDeposed, onHeld } = options;
  const waitMs = Math.min(leaseMs * waitPart, maxWaitMs);
  const yieldMs = waitMs * yieldTurns;
  let token: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  /** Since the last attempt that was answered. */
  let hasFailed = false;
  let mustYield = false;
  let failure = '';
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
   * A lease that is held may be that of a dead one: then it is asked for first by those who stand by. That it can be read
   * does not mean that it can be had: a Redis whose disk is full answers the one and rejects the other.
   */
  const yieldFirst = async (): Promise<void> => {
    const holder = await lease.holder();
    mustYield = false;
    askAfter(holder === undefined ? yieldMs : waitMs);
  };

  /**
   * Who stands behind a newcomer's own first question is unknown: nobody, or a dead one. It asks a lease after the start,
   * and sooner if the lease becomes free and those who stood by leave it so.
   */
  const startAsNewcomer = async (turnsLeft = Math.ceil((leaseMs + yieldMs) / waitMs)): Promise<void> => {
    const isFree = await lease.holder().then(
      (holder) => holder === undefined,
      () => false,
    );
    if (isFree) askAfter(yieldMs);
    else if (turnsLeft === 0) askAfter(0);
    else if (!isClosed) timer = setTimeout(() => void startAsNewcomer(turnsLeft - 1), waitMs);
  };

  const become = (granted: number | undefined): void => {
    if (isClosed) return;
    if (granted === undefined) onHeld();
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
    get cannotLead() {
      return hasFailed && token === undefined ? `the lease is out of reach: ${failure}` : undefined;
    },
    start: (isNewcomer) => (isNewcomer ? startAsNewcomer() : ask()),
    stepDown() {
      token = undefined;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      if (token !== undefined) {
        await lease.release().catch((error: unknown) => {
          logger.warn({ err: error }, 'the lease could not be given back: it runs out by itself');
        });
      }
      token = undefined;
    },
  };
};
