import { MarketError } from '../errors.js';
import { type ReadTextOptions, readText } from './file-text.js';

/** The lines of one read, in order, without line ends. */
export interface LineBatch {
  /** Number of the first line, from 1, as editors count. */
  readonly firstNumber: number;
  /** From a line to the next: -1 if the file is read from its end. */
  readonly step: 1 | -1;
  /** `null` stands for a skipped line, longer than `maxLineLength`. */
  readonly lines: readonly (string | null)[];
}

/** A REST snapshot of 5,000 levels a side is about 0.4 million characters. */
const maxLineLength = 4_000_000;
/** Most characters of a file held in memory: a year of one-minute bars has 40 million. */
const maxHeldLength = 400_000_000;

/**
 * The lines of a text file, packed or not, with any usual line end, and without the byte order mark. Memory is a few
 * chunks and the longest line.
 * @throws MarketError `unreadable-file`
 */
export async function* readLines(file: string, options: ReadTextOptions = {}): AsyncGenerator<LineBatch, void> {
  const splitter = createSplitter();
  for await (const text of readText(file, options)) {
    const batch = splitter.push(text);
    if (batch.lines.length > 0) yield batch;
  }
  const last = splitter.end();
  if (last.lines.length > 0) yield last;
}

/**
 * The same from the last line to the first, for files that begin with the newest: they are held in memory.
 * @throws MarketError `unreadable-file`, also if the file is too long for that
 */
export async function* readLinesBackwards(
  file: string,
  options: ReadTextOptions = {},
): AsyncGenerator<LineBatch, void> {
  const held: LineBatch[] = [];
  let length = 0;
  for await (const batch of readLines(file, options)) {
    for (const line of batch.lines) length += line?.length ?? 0;
    if (length > maxHeldLength)
      throw new MarketError('unreadable-file', `${file} begins with the newest row and is too long to be turned round`);
    held.push(batch);
  }
  for (let batch = held.pop(); batch; batch = held.pop()) {
    const { firstNumber, lines } = batch;
    yield { firstNumber: firstNumber + lines.length - 1, step: -1, lines: lines.toReversed() };
  }
}

const createSplitter = () => {
  let rest = '';
  let overlong = false;
  let next = 1;
  let endedWithReturn = false;

  const batch = (lines: (string | null)[]): LineBatch => {
    const firstNumber = next;
    next += lines.length;
    return { firstNumber, step: 1, lines };
  };

  const complete = (line: string): string | null => {
    const isTooLong = overlong || line.length > maxLineLength;
    overlong = false;
    return isTooLong ? null : line;
  };

  /** Converts line ends to line feeds; a CR LF pair may be split between two pieces. */
  const withLineFeeds = (text: string): string => {
    const whole = endedWithReturn && text.startsWith('\n') ? text.slice(1) : text;
    endedWithReturn = text.endsWith('\r');
    return whole.includes('\r') ? whole.replace(/\r\n?/g, '\n') : whole;
  };

  return {
    push: (piece: string): LineBatch => {
      const text = withLineFeeds(next === 1 && rest === '' && piece.startsWith('\uFEFF') ? piece.slice(1) : piece);
      const lines: (string | null)[] = [];
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        lines.push(complete(rest + text.slice(from, to)));
        rest = '';
        from = to + 1;
      }
      rest += text.slice(from);
      if (rest.length > maxLineLength) {
        overlong = true;
        rest = '';
      }
      return batch(lines);
    },
    end: (): LineBatch => batch(rest === '' && !overlong ? [] : [complete(rest)]),
  };
};
