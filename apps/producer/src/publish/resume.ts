import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';
import type { Outgoing } from './outgoing-queue.js';

/**
 * Decides which messages of its own feed a new leader still has to publish: everything after the newest message of the
 * old leader. For trades the id decides, if it is a number or the same trade is found again; otherwise, and for
 * everything else, venue time decides. So nothing is published twice, and time never goes back.
 */
export interface Resume {
  /** Returns the messages still to be published, oldest first. Once a group has one, all its later messages pass. */
  filter(waiting: readonly Outgoing[]): readonly Outgoing[];
  /** Sets the newest message of a group to which another leader wrote. */
  follow(group: string, newest: Message): void;
}

/**
 * `onHeld` is called once, with the first trades that wait because newer ones are published: the old leader's clock was
 * ahead, by so much.
 */
export const createResume = (
  clock: Pick<Clock, 'wall'>,
  onHeld: (group: string, aheadMs: number) => void = () => {},
): Resume => {
  const behind = new Map<string, Message>();
  let hasReported = false;

  const report = (group: string, last: Message): void => {
    const aheadMs = Math.min(Number(last['ts']), Number(last['pts'])) - clock.wall();
    if (hasReported || last.type !== 'price.trade' || !(aheadMs > minLeadMs)) return;
    hasReported = true;
    onHeld(group, aheadMs);
  };

  const freshOf = (group: string, list: readonly Outgoing[]): readonly Outgoing[] => {
    const last = behind.get(group);
    if (last === undefined) return list;
    const at = last.type === 'price.trade' ? list.findIndex(({ message }) => message['id'] === last['id']) : -1;
    const sharesIds = list.some(({ message }) => !isHigher(message, last));
    const fresh =
      at === -1
        ? list.filter(({ message }) => isNewer(message, last, sharesIds) || isOfOtherClock(message, last, clock))
        : list.slice(at + 1);
    if (at !== -1 || fresh.length > 0) behind.delete(group);
    else report(group, last);
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

/** Returns whether a dropped message may be newer than `newest`: then it is lost. */
export const isMissing = (dropped: Message, newest: Message): boolean => {
  if (dropped.type !== 'price.trade') return isNewer(dropped, newest, true);
  const laterMs = Number(dropped['ts']) - Number(newest['ts']);
  // For two trades of one millisecond it is unknown which came first, unless they are numbered.
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

/** Feeds and venues differ by less, and the old leader's messages are from before ours. */
const maxAheadMs = 10_000;

/** Clocks that differ by less hold nothing back for long. */
const minLeadMs = 1_000;

/**
 * Returns whether the old leader's clock made its times, and was ahead: our own will not reach them for as long. A venue
 * that is ahead itself is so for both.
 */
const isOfOtherClock = (message: Message, last: Message, clock: Pick<Clock, 'wall'>): boolean => {
  const now = clock.wall();
  const isBetween = (ms: number): boolean => Number(last['ts']) > now + ms && Number(message['ts']) <= now + ms;
  if (isBetween(maxAheadMs)) return true;
  // A message from the future was published by a clock ahead of ours. Trades of a venue keep the venue's time.
  return message.type !== 'price.trade' && Number(last['pts']) > now + minLeadMs && isBetween(minLeadMs);
};

/** A trade with a lower id but this much later did not arrive late: its feed counts anew, or on its own. */
const countsAnewMs = 1_000;
const isHigher = (message: Message, last: Message): boolean => Number(message['id']) > Number(last['id']);
const hasNumber = ({ id }: Message): boolean => typeof id === 'string' && /^\d{1,16}$/.test(id);
