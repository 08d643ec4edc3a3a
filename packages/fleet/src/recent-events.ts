import { type Clock, createSystemClock, type GatewayState } from '@tickwire/protocol';

/** An event of a process for operators. */
type RecentEvent = GatewayState['events'][number];

/** The latest events, in memory. When it is full the oldest are removed; they are still in the log. */
export interface RecentEvents {
  /** The same event within a minute of its first is counted, not added: a storm does not fill the list. */
  add(kind: string, text: string, count?: number): void;
  /** Oldest first. */
  recent(): readonly RecentEvent[];
}

interface RecentEventsOptions {
  /** @default 200 */
  readonly size?: number;
  /** @default the system's */
  readonly clock?: Pick<Clock, 'wall' | 'monotonic'>;
}

const sameMs = 60_000;
/** Reasons come from elsewhere, and some are long. */
const maxTextLength = 300;

export const createRecentEvents = (options: RecentEventsOptions = {}): RecentEvents => {
  const { size = 200, clock = createSystemClock() } = options;
  const kept: { event: RecentEvent; readonly firstMs: number }[] = [];
  return {
    add(kind, given, count = 1) {
      const at = clock.wall();
      const now = clock.monotonic();
      const text = given.slice(0, maxTextLength);
      const known = kept.findLast(({ event }) => event.kind === kind && event.text === text);
      if (known !== undefined && now - known.firstMs < sameMs) {
        known.event = { ...known.event, until: at, count: known.event.count + count };
        return;
      }
      kept.push({ event: { at, until: at, kind, text, count }, firstMs: now });
      if (kept.length > size) kept.shift();
    },
    recent: () => kept.map(({ event }) => event),
  };
};
