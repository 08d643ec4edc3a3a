import { InvalidName } from './errors.js';

/**
 * Channels' own patterns are Unicode-aware and accept a trailing newline. This is the ASCII subset they document, so
 * every name accepted here is accepted there. Both require a length under 100.
 */
const groupName = /^[A-Za-z0-9\-_.]{1,99}$/;
const channelName = /^(?=.{1,99}$)[A-Za-z0-9\-_.]+(![A-Za-z0-9\-_.]*)?$/;

/** @throws InvalidName */
export const assertGroupName = (name: string): void => {
  if (typeof name !== 'string' || !groupName.test(name)) throw invalid('Group', name, '');
};

/** A channel name may have one `!` that separates the process from the name inside it. @throws InvalidName */
export const assertChannelName = (name: string): void => {
  if (typeof name !== 'string' || !channelName.test(name)) throw invalid('Channel', name, ', with at most one !');
};

const invalid = (kind: string, name: unknown, more: string): InvalidName => {
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 120)) : `a ${typeof name}`;
  return new InvalidName(
    `${kind} name must have 1 to 99 characters, ASCII letters, digits, hyphens, underscores or periods${more}; not ${shown}`,
  );
};

/**
 * The Redis channel of a group: the one of channels_redis' pub/sub layer, or, for a cluster, with the group as its hash
 * tag, so that it is in one slot with the group's history.
 */
export const groupAddress = (prefix: string, group: string, hashTags: boolean): string =>
  `${prefix}__group__${hashTags ? `{${group}}` : group}`;
