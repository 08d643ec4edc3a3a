import type { Side, Trade } from '@tickwire/protocol';

/** A trade as a line of the tape. */
export interface TapeLine {
  /** Grows by one with each trade that this page receives. */
  readonly key: number;
  readonly ts: number;
  readonly price: string;
  readonly size: string;
  readonly side: Side;
  /** Length of its bar, 0 to 1. */
  readonly weight: number;
}

/** The newest trades, newest first. Paused, it holds still and counts what comes. */
export interface TradeTape {
  readonly lines: readonly TapeLine[];
  readonly isPaused: boolean;
  /** Trades since it was paused. */
  readonly held: number;
  add(trade: Trade): void;
  pause(): void;
  resume(): void;
  clear(): void;
}

/** Sizes are far apart: a bar at the mean size is a third long, one ten times as large nearly full. */
const meanWeight = 1 / 3;
const meanMemory = 1 / 100;

export const createTradeTape = (maxLines = 60): TradeTape => {
  let lines: TapeLine[] = [];
  let arrived: TapeLine[] = [];
  let isPaused = false;
  let held = 0;
  let key = 0;
  let meanSize: number | undefined;

  const weigh = (size: number): number => {
    meanSize = meanSize === undefined ? size : meanSize + (size - meanSize) * meanMemory;
    const ratio = meanSize > 0 ? size / meanSize : 1;
    return Math.min(1, meanWeight * Math.log2(1 + ratio));
  };

  return {
    get lines() {
      return lines;
    },
    get isPaused() {
      return isPaused;
    },
    get held() {
      return held;
    },
    add({ ts, price, size, side }) {
      key += 1;
      const line = { key, ts, price, size, side, weight: weigh(Number(size)) };
      if (isPaused) held += 1;
      const into = isPaused ? arrived : lines;
      into.unshift(line);
      if (into.length > maxLines) into.pop();
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      held = 0;
      lines = [...arrived, ...lines].slice(0, maxLines);
      arrived = [];
    },
    clear() {
      lines = [];
      arrived = [];
      held = 0;
      meanSize = undefined;
    },
  };
};
