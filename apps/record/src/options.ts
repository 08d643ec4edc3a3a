import { parseArgs } from 'node:util';
import { isVenueName, messageOf, type VenueName, venueNames } from '@tickwire/market';
import { hasChannels } from '@tickwire/protocol';

/** An error that the user can fix. Only its message is shown. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: 'usage' | 'input';

  constructor(code: 'usage' | 'input', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface RecordOptions {
  readonly venue: VenueName;
  readonly symbols: readonly string[];
  readonly file: string;
  /** Size on disk at which a new file begins. */
  readonly maxBytes: number;
  /** Age at which a new file begins. */
  readonly maxMs: number;
  /** Time after which the command ends. */
  readonly forMs: number | undefined;
  /** Replace the venue's own addresses. */
  readonly socketUrls: readonly string[] | undefined;
  readonly restUrls: readonly string[] | undefined;
}

const defaultMaxBytes = 256_000_000;
const defaultMaxMinutes = 60;
/** Timers are limited to 24 days. */
const mostMinutes = 30_000;

export const usage = `npm run record -- --feed <exchange> --symbols <list> --out <file> [options]

Writes what an exchange sends, frame by frame, for FEED=replay with REPLAY_FILE.

  --feed <name>       one of ${venueNames.join(', ')}
  --symbols <list>    BTC-USDT,ETH-USDT
  --out <file>        records/binance.ws.gz becomes records/binance-20260131T120000000.ws.gz and so on
  --max-bytes <n>     a new file is begun at this size      [${defaultMaxBytes}]
  --max-minutes <n>   and at this age                       [${defaultMaxMinutes}]
  --minutes <n>       ends by itself after so long          [runs until it is stopped]
  --ws-url <url>      in place of the exchange's own; may be repeated
  --rest-url <url>    likewise, for its REST interface
  --help
`;

/** Undefined for `--help`. @throws RecordError naming the argument, its value and what was expected */
export const parseOptions = (args: readonly string[]): RecordOptions | undefined => {
  const values = parse(args);
  if (values.help === true) return undefined;
  const { feed, symbols, out, minutes } = values;
  if (feed === undefined || !isVenueName(feed)) throw expected('--feed', `one of ${venueNames.join(', ')}`, feed);
  const wanted = [...new Set((symbols ?? '').split(',').map((symbol) => symbol.trim()))];
  if (!wanted.every(hasChannels)) throw expected('--symbols', 'a list such as BTC-USDT,ETH-USDT', symbols);
  if (out === undefined || out === '' || out.endsWith('/')) throw expected('--out', 'a file', out);
  return {
    venue: feed,
    symbols: wanted,
    file: out,
    maxBytes: numberOf('--max-bytes', values['max-bytes'], 1_000, 1e12) ?? defaultMaxBytes,
    maxMs: (numberOf('--max-minutes', values['max-minutes'], 0.01, mostMinutes) ?? defaultMaxMinutes) * 60_000,
    forMs: minutesOf(minutes),
    socketUrls: urlsOf('--ws-url', values['ws-url'], ['ws:', 'wss:']),
    restUrls: urlsOf('--rest-url', values['rest-url'], ['http:', 'https:']),
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        feed: { type: 'string' },
        symbols: { type: 'string' },
        out: { type: 'string' },
        'max-bytes': { type: 'string' },
        'max-minutes': { type: 'string' },
        minutes: { type: 'string' },
        'ws-url': { type: 'string', multiple: true },
        'rest-url': { type: 'string', multiple: true },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new RecordError('usage', messageOf(error), { cause: error });
  }
};

const minutesOf = (text: string | undefined): number | undefined => {
  const minutes = numberOf('--minutes', text, 0.01, mostMinutes);
  return minutes === undefined ? undefined : minutes * 60_000;
};

const numberOf = (name: string, text: string | undefined, least: number, most: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw expected(name, `a number from ${least} to ${most}`, text);
  return value;
};

const urlsOf = (
  name: string,
  urls: readonly string[] | undefined,
  protocols: readonly string[],
): readonly string[] | undefined => {
  const wrong = urls?.find((url) => !URL.canParse(url) || !protocols.includes(new URL(url).protocol));
  if (wrong !== undefined) throw expected(name, `an address that begins with ${protocols.join('// or ')}//`, wrong);
  return urls;
};

const expected = (name: string, what: string, got: string | undefined): RecordError =>
  new RecordError('usage', got === undefined ? `${name} is missing: ${what}` : `${name} must be ${what}, got "${got}"`);
