import { isGroupName } from '../channel-names.js';

/** The text before and after the star of one part; `star` is false for a literal part. */
interface Part {
  readonly before: string;
  readonly after: string;
  readonly hasStar: boolean;
}

export const everyChannel = '*';

/** Whether the text is a channel name in which each part between dots may hold one `*`, or `*` alone. */
export const isChannelPattern = (text: string): boolean =>
  text === everyChannel ||
  (isGroupName(text.replaceAll('*', '-')) && text.split('.').every((part) => part.split('*').length <= 2));

/**
 * Matches channels against the patterns. `*` stands for any run of characters without a dot; alone it stands for every
 * channel. The time grows only with the pattern's length, whatever the name: nothing backtracks.
 */
export const channelMatcher = (patterns: readonly string[]): ((channel: string) => boolean) => {
  if (patterns.includes(everyChannel)) return () => true;
  const literal = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const parted = patterns.filter((pattern) => pattern.includes('*')).map(partsOf);
  return (channel) => literal.has(channel) || parted.some((parts) => matches(parts, channel.split('.')));
};

const partsOf = (pattern: string): readonly Part[] =>
  pattern.split('.').map((part) => {
    const [before = '', after] = part.split('*');
    return { before, after: after ?? '', hasStar: after !== undefined };
  });

const matches = (parts: readonly Part[], names: readonly string[]): boolean =>
  parts.length === names.length && parts.every((part, index) => matchesPart(part, names[index] ?? ''));

const matchesPart = ({ before, after, hasStar }: Part, name: string): boolean =>
  hasStar
    ? name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
    : name === before;
