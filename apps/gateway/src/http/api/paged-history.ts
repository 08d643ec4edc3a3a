import { setImmediate as nextTurn } from 'node:timers/promises';
import type { History, HistoryRange, Message } from '@tickwire/channel-layer';

type Source = Pick<History, 'read' | 'newest'>;

/** Decoded in about a millisecond. */
const defaultPageSize = 100;

/**
 * The same history, with large ranges of one group read in pages and a turn of the event loop between them: decoding a
 * thousand messages at once would hold up everybody's ticks. What was trimmed meanwhile, or began again, ends a range
 * early: it stays without a hole.
 */
export const createPagedHistory = (history: Source, pageSize = defaultPageSize): Source => {
  const readOn = async (group: string, afterSeq: number, limit: number): Promise<HistoryRange> => {
    let range = await history.read(group, { afterSeq, limit: Math.min(pageSize, limit) });
    const messages: Message[] = [...range.messages];
    let lastLength = messages.length;
    while (lastLength === pageSize && messages.length < limit) {
      await nextTurn();
      const rest = limit - messages.length;
      const page = await history.read(group, { afterSeq: afterSeq + messages.length, limit: Math.min(pageSize, rest) });
      if (page.position?.epoch !== range.position?.epoch) break;
      range = page;
      messages.push(...page.messages);
      lastLength = page.messages.length;
    }
    return { ...range, messages };
  };

  return {
    read: (group, { afterSeq, limit }) => readOn(group, afterSeq, limit),
    async newest(groups, count) {
      const [group] = groups;
      if (count <= pageSize || group === undefined || groups.length > 1) return history.newest(groups, count);
      const [top] = await history.newest([group], 0);
      if (top === undefined || top.position === null) return history.newest([group], count);
      const afterSeq = Math.max(0, top.position.seq - count);
      const range = await readOn(group, afterSeq, top.position.seq - afterSeq);
      // Fewer are left than asked for, and only the history knows where they begin; or it began again meanwhile.
      const isWhole =
        range.messages.length === top.position.seq - afterSeq && range.position?.epoch === top.position.epoch;
      return isWhole ? [{ group, position: top.position, messages: range.messages }] : history.newest([group], count);
    },
  };
};
