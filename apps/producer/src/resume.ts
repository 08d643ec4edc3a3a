import type { Message } from '@tickwire/channel-layer';
import type { Outgoing } from './outgoing-queue.js';

/**
 * What a new leader still has to publish of what its own feed brought while it stood by: everything behind the newest
 * message the old leader published. Trades are found by their id; where that is not in the buffer, and for everything
 * else, venue time decides. So nothing is published twice and time never steps back.
 */
export const unpublished = (
  waiting: readonly Outgoing[],
  newest: ReadonlyMap<string, Message>,
): ReadonlySet<Outgoing> => {
  const fresh = new Set<Outgoing>();
  const trades = new Map<string, Outgoing[]>();
  for (const outgoing of waiting) {
    const last = newest.get(outgoing.group);
    if (last === undefined) fresh.add(outgoing);
    else if (last.type === 'price.trade') push(trades, outgoing);
    else if (isNewer(outgoing.message, last)) fresh.add(outgoing);
  }
  for (const [group, list] of trades) {
    const last = newest.get(group);
    const at = list.findIndex(({ message }) => message['id'] === last?.['id']);
    const rest =
      at === -1 ? list.filter(({ message }) => last !== undefined && isNewer(message, last)) : list.slice(at + 1);
    for (const outgoing of rest) fresh.add(outgoing);
  }
  return fresh;
};

const isNewer = (message: Message, last: Message): boolean => {
  if (message['ts'] === undefined) return true;
  if (message.type !== 'price.bar') return Number(message['ts']) > Number(last['ts']);
  const start = Number(message['start']);
  const lastStart = Number(last['start']);
  return start > lastStart || (start === lastStart && last['closed'] === false && message['closed'] === true);
};

const push = (byGroup: Map<string, Outgoing[]>, outgoing: Outgoing): void => {
  const list = byGroup.get(outgoing.group);
  if (list === undefined) byGroup.set(outgoing.group, [outgoing]);
  else list.push(outgoing);
};
