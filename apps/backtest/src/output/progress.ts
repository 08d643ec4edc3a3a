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

/** Looking at the clock for every row would cost more than reading it. */
const rowsPerLook = 1024;

/** On a terminal one line that is written over every half second; elsewhere a new line every five. */
export const createProgress = (sink: ProgressSink, now: () => number = Date.now): Progress => {
  const intervalMs = sink.isTTY ? 500 : 5000;
  let lastMs = now();
  let rows = 0;
  let isOpen = false;

  return {
    report: (share, steps) => {
      if (++rows % rowsPerLook !== 0) return;
      const atMs = now();
      if (atMs - lastMs < intervalMs) return;
      lastMs = atMs;
      const text = `read ${Math.floor(share * 100)} %, ${steps.toLocaleString('en')} steps`;
      sink.write(sink.isTTY ? `\r${text}   ` : `${text}\n`);
      isOpen = sink.isTTY === true;
    },
    end: () => {
      if (isOpen) sink.write('\n');
      isOpen = false;
    },
  };
};
