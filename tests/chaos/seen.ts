import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Position } from '@tickwire/protocol';

/** What the clients of one process got for each position: the same for all of them. */
export interface Seen {
  readonly size: number;
  /** False when another client got something else for this position. */
  check(channel: string, at: Position, payload: Buffer): boolean;
  /** Writes each payload as a line. */
  save(file: string): Promise<void>;
}

export const createSeen = (): Seen => {
  const byEpoch = new Map<string, Map<number, Buffer>>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    check(channel, at, payload) {
      const key = `${channel} ${at.epoch}`;
      const bySeq = byEpoch.get(key) ?? new Map<number, Buffer>();
      byEpoch.set(key, bySeq);
      const first = bySeq.get(at.seq);
      if (first !== undefined) return first.equals(payload);
      size += 1;
      // A copy: the payload is a window on what the socket gave.
      bySeq.set(at.seq, Buffer.from(payload));
      return true;
    },
    async save(file) {
      const stream = createWriteStream(file);
      for (const bySeq of byEpoch.values()) {
        const lines = [...bySeq.values()].map((payload) => `${payload.toString()}\n`);
        if (!stream.write(lines.join(''))) await once(stream, 'drain');
      }
      stream.end();
      await once(stream, 'finish');
    },
  };
};
