/** Something that happened to a process and operators want to know. */
export interface RecentEvent {
  /** Milliseconds since 1970, of the first. */
  readonly at: number;
  /** Of the last. */
  readonly until: number;
  readonly kind: string;
  readonly text: string;
  readonly count: number;
}

/** The last things that happened, in memory. The oldest go when it is full; they are in the log all the same. */
export interface RecentEvents {
  /** The same again within a minute of its first is one event with a count: a storm fills no log. */
  add(kind: string, text: string, count?: number): void;
  /** Oldest first. */
  recent(): readonly RecentEvent[];
}

export interface RecentEventsOptions {
  /** @default 200 */
  readonly size?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const sameMs = 60_000;
/** Reasons come from elsewhere, and some are long. */
const maxTextLength = 300;

export const createRecentEvents = ({ size = 200, now = Date.now }: RecentEventsOptions = {}): RecentEvents => {
  const events: RecentEvent[] = [];
  return {
    add(kind, given, count = 1) {
      const at = now();
      const text = given.slice(0, maxTextLength);
      const same = events.findLastIndex((event) => event.kind === kind && event.text === text);
      const known = events[same];
      if (known !== undefined && at - known.at < sameMs) {
        events[same] = { ...known, until: at, count: known.count + count };
        return;
      }
      events.push({ at, until: at, kind, text, count });
      if (events.length > size) events.shift();
    },
    recent: () => [...events],
  };
};
