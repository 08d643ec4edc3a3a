/** `['trade.*', 10]`: a shell glob over the whole channel name, or a RegExp that matches from its start. */
export type ChannelCapacity = readonly [pattern: string | RegExp, capacity: number];

export interface CapacityOptions {
  /** Messages a mailbox holds. @default 100 */
  readonly capacity?: number;
  /** Exceptions by channel name; the first match wins. @default [] */
  readonly channelCapacity?: readonly ChannelCapacity[];
}

/**
 * The number of messages a channel's mailbox holds, as `capacity` and `channel_capacity` of Channels.
 * @throws RangeError for a capacity that is not a positive integer.
 */
export const createCapacityOf = (options: CapacityOptions = {}): ((channel: string) => number) => {
  const { capacity = 100, channelCapacity = [] } = options;
  for (const value of [capacity, ...channelCapacity.map(([, exception]) => exception)]) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`a capacity is a positive integer, not ${value}`);
  }
  const exceptions = channelCapacity.map(([pattern, value]) => ({ pattern: compile(pattern), value }));
  return (channel) => {
    for (const { pattern, value } of exceptions) {
      pattern.lastIndex = 0;
      if (pattern.test(channel)) return value;
    }
    return capacity;
  };
};

/** Sticky, because Channels uses Python's `re.match`, which matches from the start of the name. */
const compile = (pattern: string | RegExp): RegExp => {
  if (typeof pattern === 'string') return new RegExp(`(?:${globSource(pattern)})$`, 'ysu');
  return new RegExp(pattern.source, [...new Set(`${pattern.flags}y`)].join('').replace('g', ''));
};

/** Python's fnmatch: `*`, `?`, `[set]` and `[!set]`; an unclosed `[` matches itself. */
const globSource = (glob: string): string =>
  glob.replace(/\*|\?|\[(!?)(\]?[^\]]*)\]|./gsu, (part, negation: string | undefined, set: string | undefined) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (set !== undefined) return `[${negation === '!' ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
    return part.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  });
