import type { Mutation } from './cluster.js';

/** Bugs put in on purpose: a simulation that does not find them proves nothing. */
export const mutations = {
  /** A hole is closed without asking history what stood in it. */
  repairWithoutReading: {
    source: (source) => ({
      ...source,
      history: {
        ...source.history,
        async read(group, { afterSeq }) {
          const [range] = await source.history.newest([group], 0);
          const position = range?.position ? { ...range.position, seq: afterSeq } : null;
          return { group, position, messages: [] };
        },
      },
    }),
  },
  /** Whoever writes has the newest fence. */
  fenceNotChecked: {
    append(append) {
      let newest = 0;
      return (batches, fence) => {
        newest = Math.max(newest, fence);
        return append(batches, newest);
      };
    },
  },
  /** What is heard twice is delivered twice: the second time it has no position, and so no place where it could be missed. */
  duplicateNotDropped: {
    source: (source) => ({
      ...source,
      layer: {
        ...source.layer,
        groupListen(group, listener) {
          const heard = new Set<unknown>();
          return source.layer.groupListen(group, (message) => {
            const isRepeated = heard.has(message);
            heard.add(message);
            listener(isRepeated ? { ...message, seq: undefined } : message);
          });
        },
      },
    }),
  },
} satisfies Record<string, Mutation>;

export type MutationName = keyof typeof mutations;
