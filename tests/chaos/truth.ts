import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What clients saw beside what producers noted. */
export interface TruthReport {
  readonly seen: number;
  /** Seen by a client, and sent by no producer in these very bytes. */
  readonly foreign: readonly string[];
  /** Two payloads for one position, each seen by clients of another process. */
  readonly contradictions: readonly string[];
  /** Trades of the market that no publication has: the producers lost them. */
  readonly missingTrades: number;
  /** Trades that have more than one position. */
  readonly repeatedTrades: number;
  readonly examples: readonly string[];
}

const maxExamples = 10;

export const compareWithTruth = async (
  publishLogs: readonly string[],
  seenFiles: readonly string[],
): Promise<TruthReport> => {
  const sent = new Set<string>();
  for (const file of publishLogs) for await (const line of linesOf(file)) sent.add(digest(line));

  const byPosition = new Map<string, string>();
  const tradeIds = new Map<string, Map<number, string>>();
  const foreign: string[] = [];
  const contradictions: string[] = [];
  const examples: string[] = [];
  let repeatedTrades = 0;
  for (const file of seenFiles) {
    for await (const line of linesOf(file)) {
      const known = digest(line);
      if (!sent.has(known) && foreign.length < maxExamples) foreign.push(line);
      const { channel, seq, epoch, id } = JSON.parse(line) as Record<string, string>;
      const position = `${channel} ${epoch}:${seq}`;
      const before = byPosition.get(position);
      if (before === undefined) byPosition.set(position, known);
      else if (before !== known && contradictions.length < maxExamples) contradictions.push(line);
      if (channel === undefined || id === undefined) continue;
      const ids = tradeIds.get(channel) ?? new Map<number, string>();
      tradeIds.set(channel, ids);
      const placed = ids.get(Number(id));
      if (placed === undefined) ids.set(Number(id), position);
      else if (placed !== position) {
        repeatedTrades += 1;
        if (examples.length < maxExamples) examples.push(`trade ${id} stands at ${placed} and at ${position}`);
      }
    }
  }

  let missingTrades = 0;
  for (const [channel, ids] of tradeIds) {
    const sorted = [...ids.keys()].sort((a, b) => a - b);
    for (const [index, id] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before === undefined || id === before + 1) continue;
      missingTrades += id - before - 1;
      if (examples.length < maxExamples) {
        examples.push(
          `${channel}: trades between ${before} (${ids.get(before)}) and ${id} (${ids.get(id)}) are missing`,
        );
      }
    }
  }
  return { seen: byPosition.size, foreign, contradictions, missingTrades, repeatedTrades, examples };
};

const linesOf = (file: string): AsyncIterable<string> => createInterface({ input: createReadStream(file) });

/** 12 bytes distinguish millions of lines. */
const digest = (line: string): string => createHash('sha1').update(line).digest('base64').slice(0, 16);
