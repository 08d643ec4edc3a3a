import type { Message } from '@tickwire/channel-layer';
import {
  addProduct,
  type BarPart,
  emptySum,
  foldBars,
  formatSum,
  isPeriodName,
  type OwnChannels,
  parseChannelName,
} from '@tickwire/protocol';
import { z } from 'zod';
import type { SymbolCatalog } from '../../catalog.js';
import type { KlineKind } from '../../protocols/binance/bar-part.js';
import type { Past } from '../../protocols/binance/past.js';
import { decimal, wholeNumber } from '../../protocols/binance/payload-fields.js';
import { countPeriods, klinesOf, periodsOf } from '../../protocols/binance/rest/klines.js';
import { barsUpToNow, newestOfGroup } from '../../protocols/binance/rest/market-data.js';
import { historyLimitParameter } from '../../protocols/channel-options.js';
import type { ApiHandler } from './api.js';
import { jsonTexts, jsonWith } from './message-texts.js';
import { channelOf } from './parameters.js';
import { ApiProblem } from './problem.js';

export const defaultCandles = 500;

export interface CandlesOptions {
  readonly past: Past;
  readonly catalog: Pick<SymbolCatalog, 'knows' | 'find'>;
  readonly own: Pick<OwnChannels, 'find'>;
  readonly now: () => number;
}

const text = z.string();
export const candleSchema = z.object({
  start: z.int(),
  end: z.int().describe('The first millisecond after it.'),
  open: text,
  high: text,
  low: text,
  close: text,
  volume: text,
  quoteVolume: text,
  takerBuyVolume: text.exactOptional(),
  takerBuyQuoteVolume: text.exactOptional(),
  trades: z.int(),
  closed: z.boolean().describe('Whether its time is over.'),
  incomplete: z.boolean().describe('Its beginning is not in history any more.').exactOptional(),
});
type Candle = z.infer<typeof candleSchema>;

/**
 * `GET /api/candles?channel=a`: candles of a channel of trades, the oldest first. Those of the producer's are its bars;
 * a channel of your own has none, and its kept trades are folded.
 */
export const candlesHandler =
  ({ past, catalog, own, now }: CandlesOptions): ApiHandler =>
  async ({ query }) => {
    const channel = channelOf(query.get('channel'), catalog);
    const interval = query.get('interval') ?? '1m';
    if (!isPeriodName(interval)) throw new ApiProblem('bad-request', 'interval must be one of those of klines, as 1m');
    const parsed = historyLimitParameter.default(defaultCandles).safeParse(query.get('limit') ?? undefined);
    if (!parsed.success) throw new ApiProblem('bad-request', `limit ${parsed.error.issues[0]?.message}`);
    const kind: KlineKind = { period: interval, offsetMs: 0 };
    const isEnough = (parts: readonly BarPart[]): boolean => countPeriods(parts, kind) > parsed.data;
    const { kind: name, venue, symbol } = parseChannelName(channel) ?? {};
    const rule = own.find(channel);
    let candles: readonly Candle[];
    if (rule?.schema === 'trade') {
      candles = await candlesOfTrades(past, channel, kind, { isEnough, nowMs: now() });
    } else if (rule === undefined && name === 'trade' && venue !== undefined && symbol !== undefined) {
      const bars = await barsUpToNow(past, { venue, symbol }, kind, isEnough);
      candles = (await klinesOf(past, bars, kind)).map(({ endMs, ...bar }) => candleOf(bar, endMs, bar.closed));
    } else throw new ApiProblem('bad-request', `${channel} is not a channel of trades`);
    const texts = await jsonTexts(candles.slice(-parsed.data), past.turns);
    return { body: jsonWith({ channel, interval }, 'candles', texts) };
  };

const candlesOfTrades = async (
  past: Past,
  channel: string,
  kind: KlineKind,
  { isEnough, nowMs }: { isEnough: (parts: readonly BarPart[]) => boolean; nowMs: number },
): Promise<readonly Candle[]> => {
  const parts = await newestOfGroup(past, channel, partOfTrade, isEnough);
  parts.sort((a, b) => a.start - b.start);
  const candles: Candle[] = [];
  const [oldest] = parts;
  await past.turns.each(periodsOf(parts, kind), ({ parts: some, period, isLast }) => {
    // A candle whose first trades are no longer in history is left out, unless it is the only one.
    const isCut = some[0] === oldest && oldest?.isFirst !== true;
    const { incomplete: _, ...folded } = foldBars(some, period);
    const candle = candleOf(folded, period.end, period.end <= nowMs);
    if (!isCut || isLast) candles.push(isCut ? { ...candle, incomplete: true } : candle);
  });
  return candles;
};

interface TradePart extends BarPart {
  /** Whether it is the first of its channel. */
  readonly isFirst: boolean;
}

/** A trade as the bar that it would be. @throws UnmappableMessage */
const partOfTrade = (message: Message): TradePart | undefined => {
  if (message.type !== 'price.trade') return undefined;
  const [price, size, at] = [decimal(message, 'price'), decimal(message, 'size'), wholeNumber(message, 'ts')];
  const quote = emptySum();
  addProduct(quote, price, size);
  const quoteVolume = formatSum(quote);
  const taken = message['side'] === 'buy' ? [size, quoteVolume] : ['0', '0'];
  return {
    start: at,
    end: at + 1,
    ts: at,
    rts: at,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: size,
    quoteVolume,
    takerBuyVolume: taken[0] ?? '0',
    takerBuyQuoteVolume: taken[1] ?? '0',
    trades: 1,
    closed: true,
    isFirst: message['seq'] === 1,
  };
};

const candleOf = ({ ts: _, rts: __, ...bar }: BarPart, end: number, closed: boolean): Candle => ({
  ...bar,
  end,
  closed,
});
