import type { Clock, Position } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';

/** What history lost of a group. */
export interface Loss {
  readonly group: string;
  /** Where history stands now; null if it has nothing. */
  readonly stored: Position | null;
  /** Where it stood, as far as this producer knows. */
  readonly known?: Position;
  /** Number of messages published once more. */
  readonly missing?: number;
}

/** Logs losses of history. A Redis that comes back empty loses every group: a line about each would be thousands. */
export interface LossLog {
  lost(loss: Loss): void;
  /** Called after each attempt to publish: logs what was lost up to now, unless the last line is less than a minute old. */
  settle(): void;
}

export interface LossLogOptions {
  readonly logger: Pick<Logger, 'warn'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The line, as a sentence without a full stop. */
  readonly text: string;
}

const everyMs = 60_000;

export const createLossLog = ({ logger, clock, text }: LossLogOptions): LossLog => {
  let first: Loss | undefined;
  let groups = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  return {
    lost(loss) {
      first ??= loss;
      groups += 1;
    },
    settle() {
      if (first === undefined || clock.monotonic() - loggedAt < everyMs) return;
      logger.warn({ ...first, groups }, text);
      loggedAt = clock.monotonic();
      first = undefined;
      groups = 0;
    },
  };
};
