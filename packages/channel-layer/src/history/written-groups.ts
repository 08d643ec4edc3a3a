/**
 * Memory of a stored message beside its bytes: its id, its field, its share of the stream's node (docs/operations.md).
 */
const overheadBytes = 24;
const overheadShare = 1.2;
/** Sizes are a mean over about this many messages. */
const window = 50;
/** Number of groups remembered. Further groups cost a few more commands, and are not reduced when Redis is full. */
const maxGroups = 100_000;
/** Shortest time between two settings of a time to live, which is longer by the same amount. */
const maxSlackMs = 60_000;
const slackShare = 1 / 10;

interface WrittenGroup {
  meanBytes: number | undefined;
  /** When its times to live were last set. */
  expiryAt: number | undefined;
}

/** The groups that this process writes to, as far as it remembers them. */
export interface WrittenGroups {
  names(): readonly string[];
  add(group: string, messages: readonly Uint8Array[]): void;
  /** How many messages of the group fit into this much memory of Redis; at least one. */
  fitting(group: string, bytes: number): number;
  /** How long a time to live need not be set again. */
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
    // A short time to live is exact, because the operator may rely on it.
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
