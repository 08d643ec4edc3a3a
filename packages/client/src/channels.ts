import type { Bar, BarInterval, Forecast, Gap, Health, Published, Ticker, Trade } from '@tickwire/protocol';

interface MessagesByKind {
  trade: Trade;
  ticker: Ticker;
  forecast: Forecast;
  health: Health;
  gap: Gap;
}

/** A message as it is received. An open bar has no position. */
type Arrived<Message> = Message & Partial<Published>;

/** The messages of a channel; those of your own channels may have any fields. */
export type MessageOf<Channel extends string> = Channel extends `bar-${BarInterval}.${string}`
  ? Arrived<Bar>
  : Channel extends `${infer Kind extends keyof MessagesByKind}.${string}`
    ? Arrived<MessagesByKind[Kind]>
    : Readonly<Record<string, unknown>>;

/** The channels of a symbol, such as `ticker.binance.BTC-USDT`. */
export const channelsOf = (venue: string, symbol: string) =>
  ({
    trades: `trade.${venue}.${symbol}`,
    ticker: `ticker.${venue}.${symbol}`,
    candles: <Interval extends BarInterval>(interval: Interval) => `bar-${interval}.${venue}.${symbol}` as const,
    forecast: `forecast.${venue}.${symbol}`,
    health: `health.${venue}.${symbol}`,
    gaps: `gap.${venue}.${symbol}`,
  }) as const;
