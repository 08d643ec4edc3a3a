import { isOpenChoice, isSymbolChoice, isVenueName, type VenueName, venueNames, venueOf } from '@tickwire/market';
import { isSymbol, maxSymbolLength } from '@tickwire/protocol';
import { ConfigError, type ConfigOf, decimalNumber, oneOf, wholeNumber, wordList } from '@tickwire/runtime';
import { z } from 'zod';

/** The source of prices. */
export type FeedConfig = SimulatedConfig | ReplayConfig | ExchangesConfig;

export interface SimulatedConfig {
  readonly kind: 'simulated';
  readonly symbols: readonly string[];
  readonly seed: string;
  /** Mean number of trades per second and symbol. */
  readonly tradesPerSecond: number;
  readonly pastMinutes: number;
  /** Start of the markets, in milliseconds since 1970, at most an hour ago. @default the start of this process */
  readonly beganMs?: number;
}

export interface ReplayConfig {
  readonly kind: 'replay';
  readonly file: string;
  readonly speed: number | 'max';
  /** Symbols to replay; all symbols of the recording if empty. */
  readonly symbols: readonly string[];
  /** Shifts the times of the recording so that it begins now. */
  readonly shiftToNow: boolean;
}

export interface ExchangesConfig {
  readonly kind: 'exchanges';
  readonly venues: readonly VenueConfig[];
  /**
   * Each symbol goes to every venue that lists it; `defaultSymbols` of each venue if empty. Patterns such as `*-USDT`
   * are allowed.
   */
  readonly symbols: readonly string[];
  /** How often the lists of venues are read again, if there are patterns. */
  readonly listingMs: number;
}

/** One exchange, with its own adapter or through ccxt. */
export type VenueConfig =
  | {
      readonly kind: 'own';
      readonly venue: VenueName;
      readonly defaultSymbols: readonly string[];
      /** Replace the venue's own addresses; tried in turn. */
      readonly urls: { readonly sockets?: readonly string[]; readonly rest?: readonly string[] };
    }
  | {
      readonly kind: 'ccxt';
      /** ccxt's id, which is also the name of the venue. */
      readonly venue: string;
      readonly defaultSymbols: readonly string[];
      /** Options for ccxt's constructor. */
      readonly options: Readonly<Record<string, unknown>>;
    };

const replaySpeed = 'max, or a number from 0.001 to 1000 (1 is real time)';
const feeds = `simulated, replay, or one or several of ${venueNames.join(', ')}, ccxt:<exchange>, separated by commas`;

const isExchange = (word: string): boolean => isVenueName(word) || /^ccxt:[a-z0-9]{2,40}$/.test(word);

const addresses = (protocols: readonly string[]) => {
  const isAddress = (word: string): boolean => URL.canParse(word) && protocols.includes(new URL(word).protocol);
  return wordList(isAddress, `addresses that begin with ${protocols.map((each) => `${each}//`).join(' or ')}`).default(
    [],
  );
};

type Addresses = ReturnType<typeof addresses>;
type VenueVariables = { readonly [Name in `${Uppercase<VenueName>}_${'WS' | 'REST'}_URL`]: Addresses };

/** `BINANCE_WS_URL`, `BINANCE_REST_URL` and the same for each other venue: replace its own addresses. */
const venueVariables = Object.fromEntries(
  venueNames.flatMap((name) => [
    [`${name.toUpperCase()}_WS_URL`, addresses(['wss:', 'ws:'])],
    [`${name.toUpperCase()}_REST_URL`, addresses(['https:', 'http:'])],
  ]),
) as VenueVariables;

const jsonObject = z
  .string()
  .transform((text, context): Readonly<Record<string, unknown>> => {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    } catch {
      // reported below
    }
    context.addIssue('an object in JSON');
    return z.NEVER;
  })
  .default({});

const symbolForms = 'symbols such as BTC-USD,ETH-USD, patterns of them such as *-USDT, or top:100';
const unusable = (words: unknown): string =>
  String(Array.isArray(words) ? words.find((word) => !isSymbolChoice(String(word))) : words);
const unusableText = (word: string): string =>
  isSymbol(word)
    ? `symbols of at most ${maxSymbolLength} characters, since channels are named after them: ${word} has ${word.length}`
    : `${symbolForms}: ${word} is not one`;

/** Venues also list names such as `AAPLx` and `币安人生`, which no channel can have. */
const foreignName = /[^ -~]|[A-Z][a-z]/;

/** The variables of feeds; part of the schema of the environment. */
export const feedVariables = {
  FEED: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(
      wordList((word) => word === 'simulated' || word === 'replay' || isExchange(word), feeds).refine(
        (words) => words.length === 1 || (words.length > 1 && words.every(isExchange)),
        { error: feeds },
      ),
    )
    .default(['simulated']),
  SYMBOLS: z
    .string()
    .refine((text) => !foreignName.test(text), {
      error: 'symbols of A-Z and 0-9: names with other letters are not supported',
    })
    .pipe(
      wordList(() => true, symbolForms).refine((words) => words.every(isSymbolChoice), {
        error: ({ input }) => unusableText(unusable(input)),
      }),
    )
    .default([]),
  LISTING_MS: wholeNumber(1_000, 86_400_000, 300_000),
  SIM_SEED: z.string().max(100, { error: 'at most 100 characters' }).default('tickwire'),
  SIM_RATE: decimalNumber(0.001, 10_000, 5),
  SIM_PAST_MINUTES: wholeNumber(0, 1_439, 1_439),
  SIM_BEGAN_MS: wholeNumber(0, Number.MAX_SAFE_INTEGER, 0),
  REPLAY_FILE: z.string().optional(),
  REPLAY_SPEED: z
    .string()
    .refine((text) => text === 'max' || (Number(text) >= 0.001 && Number(text) <= 1000), { error: replaySpeed })
    .transform((text) => (text === 'max' ? text : Number(text)))
    .default(1),
  REPLAY_TIMES: oneOf(['original', 'now']),
  ...venueVariables,
  CCXT_OPTIONS: jsonObject,
};

type FeedEnvironment = ConfigOf<typeof feedVariables>;

const simulatedSymbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD', 'DOGE-USD', 'ADA-USD'];

/** @throws ConfigError */
export const feedConfig = (env: FeedEnvironment): FeedConfig => {
  const symbols = [...new Set(env.symbols)];
  const open = symbols.find(isOpenChoice);
  if (open !== undefined && !env.feed.every(isExchange))
    throw new ConfigError(`SYMBOLS has ${open}, but FEED=${env.feed.join()} has no listing that says what that is`);
  if (env.feed.includes('simulated')) {
    return {
      kind: 'simulated',
      symbols: symbols.length > 0 ? symbols : simulatedSymbols,
      seed: env.simSeed,
      tradesPerSecond: env.simRate,
      pastMinutes: env.simPastMinutes,
      ...(env.simBeganMs > 0 && { beganMs: env.simBeganMs }),
    };
  }
  if (env.feed.includes('replay')) {
    const { replayFile: file, replaySpeed: speed, replayTimes } = env;
    if (file === undefined) throw new ConfigError('REPLAY_FILE is not set, but FEED=replay needs a recording');
    return { kind: 'replay', file, speed, symbols, shiftToNow: replayTimes === 'now' };
  }
  const venues = [...new Set(env.feed)].map((word) => venueConfig(word, env));
  const names = venues.map(({ venue }) => venue);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new ConfigError(`FEED names ${twice} twice, once through ccxt: one of them is enough`);
  return { kind: 'exchanges', venues, symbols, listingMs: env.listingMs };
};

const venueConfig = (word: string, env: FeedEnvironment): VenueConfig => {
  if (!isVenueName(word)) {
    const venue = word.slice('ccxt:'.length);
    return { kind: 'ccxt', venue, defaultSymbols: ['BTC-USDT', 'ETH-USDT'], options: env.ccxtOptions };
  }
  const sockets = env[`${word}WsUrl`];
  const rest = env[`${word}RestUrl`];
  const urls = { ...(sockets.length > 0 && { sockets }), ...(rest.length > 0 && { rest }) };
  return { kind: 'own', venue: word, defaultSymbols: venueOf(word).defaultSymbols, urls };
};
