import type { Message } from '@tickwire/channel-layer';
import type { Outgoing } from './outgoing-queue.js';

/**
 * What a new leader still has to publish of what its own feed brings: everything behind the newest message the old leader
 * published. Trades are found by their id, or go by it; for ids that are not numbers, and for everything else, venue time
 * decides. So nothing is published twice and time never steps back.
 */
export interface Resume {
  /** Of these, oldest first, what is still to be published. A group of which something is, is passed from then on. */
  filter(waiting: readonly Outgoing[]): readonly Outgoing[];
  /** The newest message of a group that another leader wrote to. */
  follow(group: string, newest: Message): void;
}

export const createResume = (): Resume => {
  const behind = new Map<string, Message>();

  const freshOf = (group: string, list: readonly Outgoing[]): readonly Outgoing[] => {
    const last = behind.get(group);
    if (last === undefined) return list;
    const at = last.type === 'price.trade' ? list.findIndex(({ message }) => message['id'] === last['id']) : -1;
    const sharesIds = list.some(({ message }) => !isHigher(message, last));
    const fresh = at === -1 ? list.filter(({ message }) => isNewer(message, last, sharesIds)) : list.slice(at + 1);
    if (at !== -1 || fresh.length > 0) behind.delete(group);
    return fresh;
  };

  return {
    follow(group, newest) {
      behind.set(group, newest);
    },
    filter(waiting) {
      if (behind.size === 0) return waiting;
      const byGroup = new Map<string, Outgoing[]>();
      for (const outgoing of waiting) {
        const list = byGroup.get(outgoing.group);
        if (list === undefined) byGroup.set(outgoing.group, [outgoing]);
        else list.push(outgoing);
      }
      const fresh = new Set<Outgoing>();
      for (const [group, list] of byGroup) for (const outgoing of freshOf(group, list)) fresh.add(outgoing);
      return waiting.filter((outgoing) => fresh.has(outgoing));
    },
  };
};

/** Whether a message that was dropped may be one that `newest` has not reached: then it is lost. */
export const isMissing = (dropped: Message, newest: Message): boolean => {
  if (dropped.type !== 'price.trade') return isNewer(dropped, newest, true);
  const laterMs = Number(dropped['ts']) - Number(newest['ts']);
  // Of two trades of one millisecond nobody knows which came first, unless they are numbered.
  if (laterMs === 0 && hasNumber(dropped) && hasNumber(newest)) return isHigher(dropped, newest);
  return dropped['id'] !== newest['id'] && laterMs >= 0;
};

const isNewer = (message: Message, last: Message, sharesIds: boolean): boolean => {
  if (message['ts'] === undefined) return true;
  const laterMs = Number(message['ts']) - Number(last['ts']);
  if (message.type === 'price.trade' && hasNumber(message) && hasNumber(last)) {
    // Trades of one millisecond have no other order. Two feeds may count differently, as simulated ones do.
    if (isHigher(message, last)) return sharesIds || laterMs >= 0;
    return laterMs > countsAnewMs;
  }
  if (message.type !== 'price.bar') return laterMs > 0;
  const start = Number(message['start']);
  const lastStart = Number(last['start']);
  return start > lastStart || (start === lastStart && last['closed'] === false && message['closed'] === true);
};

/** A lower id this much later is not one that came late: its feed counts anew, or for itself. */
const countsAnewMs = 1_000;
const isHigher = (message: Message, last: Message): boolean => Number(message['id']) > Number(last['id']);
const hasNumber = ({ id }: Message): boolean => typeof id === 'string' && /^\d{1,16}$/.test(id);
