import { createSystemClock } from '@tickwire/protocol';

export interface ProgressSink {
  write(text: string): void;
  readonly isTTY?: boolean;
}

export interface Progress {
  /** Cheap enough for every row; prints at most once an interval. */
  report(share: number, steps: number): void;
  /** Clears a line that is still open. */
  end(): void;
}

/** Reading the clock for every row would cost more than reading the row. */
const rowsPerLook = 1024;
const intervalMs = 500;

/**
 * A line on a terminal that is overwritten, with the estimated time left. Prints nothing if the output is not a
 * terminal.
 */
export const createProgress = (sink: ProgressSink, now: () => number = createSystemClock().monotonic): Progress => {
  const beganMs = now();
  let lastMs = beganMs;
  let rows = 0;
  let isOpen = false;

  return {
    report: (share, steps) => {
      if (!sink.isTTY || ++rows % rowsPerLook !== 0) return;
      const atMs = now();
      if (atMs - lastMs < intervalMs) return;
      lastMs = atMs;
      const secondsLeft = Math.ceil(((atMs - beganMs) * (1 - share)) / share / 1000);
      const left = share > 0.01 ? `, about ${secondsLeft.toLocaleString('en')} s left` : '';
      sink.write(`\rread ${Math.floor(share * 100)} %, ${steps.toLocaleString('en')} steps${left}   `);
      isOpen = true;
    },
    end: () => {
      if (isOpen) sink.write('\n');
      isOpen = false;
    },
  };
};
