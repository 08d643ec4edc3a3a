import type { AppendResult, GroupPosition } from '../history.js';

export interface RawEntry {
  readonly seq: number;
  /** Undefined if there are more than the reader allows. */
  readonly bytes: Uint8Array | undefined;
}

export interface RawRange {
  readonly position: GroupPosition | null;
  readonly entries: readonly RawEntry[];
}

/** Reads one part of the reply of `append.lua`. */
export const toAppendResult = (group: string, reply: unknown): AppendResult => {
  const [outcome, first, seq] = reply as readonly (Buffer | undefined)[];
  switch (String(outcome)) {
    case 'appended':
      return { group, outcome: 'appended', position: { epoch: String(first), seq: Number(String(seq)) } };
    case 'fenced':
      return { group, outcome: 'fenced', fence: Number(String(first)) };
    case 'rejected':
      return { group, outcome: 'rejected', reason: String(first) };
    case 'mismatch': {
      const position = first === undefined ? null : { epoch: String(first), seq: Number(String(seq)) };
      return { group, outcome: 'mismatch', position };
    }
    default:
      throw new TypeError(`append.lua answered ${String(outcome)}`);
  }
};

/** Why `newest.lua` could not read a group. */
export const rejectionOf = (reply: unknown): string | undefined => {
  const [outcome, reason] = reply as readonly unknown[];
  return outcome === null ? String(reason) : undefined;
};

/** Reads the reply of `read.lua`, or one part of that of `newest.lua`. Entry ids are `<seq>-0`. */
export const toRawRange = (reply: unknown): RawRange => {
  const [epoch, seq, entries = []] = reply as [Buffer?, Buffer?, [Buffer, [Buffer, Buffer?]][]?];
  if (epoch === undefined || seq === undefined) return { position: null, entries: [] };
  return {
    position: { epoch: epoch.toString(), seq: Number(seq.toString()) },
    entries: entries.map(([id, [, bytes]]) => ({ seq: Number.parseInt(id.toString(), 10), bytes })),
  };
};
