import {
  addProduct,
  type BarInterval,
  type BarPart,
  channelMessageSchemas,
  emptySum,
  formatSum,
  longestPart,
  type PeriodName,
  periodOf,
} from '@tickwire/protocol';
import { decimal, decimalOr, type Fields, UnmappableMessage, wholeNumber } from './payload-fields.js';

/** Which klines are asked for: of what length, and where in the day they begin. */
export interface KlineKind {
  readonly period: PeriodName;
  /** How far midnight is ahead of that of UTC. */
  readonly offsetMs: number;
}

const barIntervals = channelMessageSchemas.Bar.shape.interval.options;

/** The bars that klines are folded from: the longest of ours that fit. Everything fits a second. */
export const baseOf = ({ period, offsetMs }: KlineKind): BarInterval =>
  longestPart(period, barIntervals, offsetMs) ?? '1s';

/** A bar as its channel has it, ready to be folded. @throws UnmappableMessage */
export const barPart = (message: Fields, interval: BarInterval): BarPart => {
  const takerBuyVolume = decimalOr(message, 'takerBuyVolume', undefined);
  const takerBuyQuoteVolume = decimalOr(message, 'takerBuyQuoteVolume', undefined);
  const { start, end } = periodOf(interval, wholeNumber(message, 'start'));
  if (start !== message['start']) throw new UnmappableMessage(`no bar begins at ${start}`);
  return {
    start,
    end,
    ts: wholeNumber(message, 'ts'),
    rts: wholeNumber(message, 'rts'),
    open: decimal(message, 'open'),
    high: decimal(message, 'high'),
    low: decimal(message, 'low'),
    close: decimal(message, 'close'),
    volume: decimal(message, 'volume'),
    quoteVolume: decimal(message, 'quoteVolume'),
    ...(takerBuyVolume !== undefined && { takerBuyVolume }),
    ...(takerBuyQuoteVolume !== undefined && { takerBuyQuoteVolume }),
    trades: wholeNumber(message, 'trades'),
    closed: message['closed'] === true,
    ...(message['incomplete'] === true && { incomplete: true }),
  };
};

/**
 * Volumes that takers bought, of base and quote. Binance has no word for unknown. Half says neither bought nor sold,
 * where zero would say that all was sold.
 */
export const takerBuysOf = (bar: Pick<BarPart, Volume>): readonly [string, string] => [
  bar.takerBuyVolume ?? halfOf(bar.volume),
  bar.takerBuyQuoteVolume ?? halfOf(bar.quoteVolume),
];

type Volume = 'volume' | 'quoteVolume' | 'takerBuyVolume' | 'takerBuyQuoteVolume';

const halfOf = (amount: string): string => {
  const half = emptySum();
  addProduct(half, amount, '0.5');
  return formatSum(half);
};

const lengthOf = (interval: BarInterval): number => periodOf(interval, 0).end;

/** Those of our bars that are shorter, the longest first. */
export const finerThan = (interval: BarInterval): readonly BarInterval[] =>
  barIntervals.filter((other) => lengthOf(other) < lengthOf(interval)).sort((a, b) => lengthOf(b) - lengthOf(a));
