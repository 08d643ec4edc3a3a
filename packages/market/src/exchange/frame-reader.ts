import { LostTrades, type OnBadEntry } from './entries.js';
import type { Pair, Venue, VenueItem } from './venue.js';

export interface FrameReaderOptions {
  readonly venue: Venue;
  readonly onRawText: (text: string, rts: number) => void;
  readonly onBadEntry: OnBadEntry;
  /** Called with the beginning of the frame. */
  readonly onBadFrame: (reason: string, text: string) => void;
}

/** Turns the text of frames into items. No frame can do harm. */
export interface FrameReader {
  createRead(pairs: readonly Pair[]): (text: string, rts: number) => readonly VenueItem[];
  readonly counters: Readonly<FrameCounters>;
}

export interface FrameCounters {
  frames: number;
  /** Frames that are not JSON, or of a known kind with a missing or ill-formed field. */
  bad: number;
  /** Frames that are too long to be parsed. */
  oversize: number;
  /** Frames of other kinds or pairs. */
  ignored: number;
}

const isBad = (item: VenueItem): item is Extract<VenueItem, { kind: 'bad' }> => item.kind === 'bad';

const nothing: readonly VenueItem[] = Object.freeze([]);

/** A longer frame is ignored: no subscription sends one. */
const maxFrameLength = 1_000_000;

export const createFrameReader = (options: FrameReaderOptions): FrameReader => {
  const { venue, onRawText, onBadEntry, onBadFrame } = options;
  const counters: FrameCounters = { frames: 0, bad: 0, oversize: 0, ignored: 0 };
  return {
    counters,
    createRead: (pairs) => {
      const map = venue.createMapper(pairs);
      return (text, rts) => {
        counters.frames += 1;
        onRawText(text, rts);
        if (text.length > maxFrameLength) {
          counters.oversize += 1;
          onBadFrame(`${text.length} characters`, text.slice(0, 200));
          return nothing;
        }
        try {
          const items = map(venue.parse(text), rts);
          if (items.length === 0) counters.ignored += 1;
          if (!items.some(isBad)) return items;
          for (const item of items) if (isBad(item)) onBadEntry(item.reason);
          return items.filter((item) => !isBad(item) || item.lost !== undefined);
        } catch (error) {
          // Any error: an unforeseen frame must not end the process.
          counters.bad += 1;
          const reason = error instanceof Error ? error.message : String(error);
          onBadFrame(reason, text.slice(0, 200));
          return error instanceof LostTrades ? error.lost.map((lost) => ({ kind: 'bad', reason, lost })) : nothing;
        }
      };
    },
  };
};
