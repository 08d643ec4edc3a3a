/** What a stored message takes beside its bytes: its id, its field, its part of the node it lies in (docs/operations.md). */
const overheadBytes = 24;
const overheadShare = 1.2;
/** Sizes are a mean over about this many messages. */
const window = 50;
/** Groups remembered; those beyond it cost a few more commands, and give no way when Redis is full. */
const maxGroups = 100_000;
/** A time to live is set again at most this often, and is so much longer. */
const maxSlackMs = 60_000;
const slackShare = 1 / 10;

interface WrittenGroup {
  meanBytes: number | undefined;
  /** When its times to live were set last. */
  expiryAt: number | undefined;
}

/** What this process remembers of the groups it writes to. */
export interface WrittenGroups {
  names(): readonly string[];
  add(group: string, messages: readonly Uint8Array[]): void;
  /** How many messages of the group fit into so much memory of Redis, at least one. */
  fitting(group: string, bytes: number): number;
  /** How long after it was set a time to live may go without being set again. */
  slackMs(ttlMs: number): number;
  isExpiryDue(group: string, slackMs: number): boolean;
  expirySet(group: string): void;
}

/** `now` is monotonic. */
export const createWrittenGroups = (now: () => number): WrittenGroups => {
  const groups = new Map<string, WrittenGroup>();

  return {
    names: () => [...groups.keys()],
    add(name, messages) {
      let group = groups.get(name);
      if (group === undefined) {
        if (groups.size >= maxGroups) return;
        group = { meanBytes: undefined, expiryAt: undefined };
        groups.set(name, group);
      }
      for (const { length } of messages) {
        const size = length * overheadShare + overheadBytes;
        group.meanBytes = group.meanBytes === undefined ? size : group.meanBytes + (size - group.meanBytes) / window;
      }
    },
    fitting(name, bytes) {
      const meanBytes = groups.get(name)?.meanBytes;
      return meanBytes === undefined ? Number.MAX_SAFE_INTEGER : Math.max(1, Math.floor(bytes / meanBytes));
    },
    // A short time to live is exact: who chose seconds may count on them.
    slackMs: (ttlMs) => (ttlMs * slackShare < maxSlackMs ? 0 : maxSlackMs),
    isExpiryDue(name, slackMs) {
      const expiryAt = groups.get(name)?.expiryAt;
      return slackMs === 0 || expiryAt === undefined || now() - expiryAt >= slackMs;
    },
    expirySet(name) {
      const group = groups.get(name);
      if (group !== undefined) group.expiryAt = now();
    },
  };
};
