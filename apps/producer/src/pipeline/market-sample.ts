import type { GridSample } from '@tickwire/forecast';
import { middleOf, type Quote } from '@tickwire/market';
import type { Ticker } from '@tickwire/protocol';

/** The market as known at a step of the grid. */
export interface MarketNow {
  /** `priceDecimals` is present if the venue states it. */
  readonly ticker: Pick<Ticker, 'last' | 'priceDecimals'> | undefined;
  readonly quote: Pick<Quote, 'bid' | 'ask' | 'bidSize' | 'askSize'> | undefined;
  readonly isLive: boolean;
  /** `ts` of the newest event. */
  readonly ts: number;
  /** `ts` of the newest trade: it shows whether a price was traded again or is only old. */
  readonly tradedTs?: number | undefined;
}

/** Makes the sample of each step; undefined if no price can be trusted. */
export interface MarketSampler {
  sample(market: MarketNow): GridSample | undefined;
}

export const createMarketSampler = (): MarketSampler => {
  let before: MarketNow | undefined;

  return {
    sample: (market) => {
      const { ticker, quote, tradedTs } = market;
      const previous = before;
      before = market;
      if (!market.isLive) return undefined;
      const middle = middleSample(quote);
      if (middle !== undefined) return { ...middle, isCarried: quote === previous?.quote };
      const price = Number(ticker?.last);
      if (!(price > 0)) return undefined;
      return { price, isCarried: ticker?.last === previous?.ticker?.last && tradedTs === previous?.tradedTs };
    },
  };
};

/** Undefined if the middle of the book is not a price. */
const middleSample = (quote: MarketNow['quote']): GridSample | undefined => {
  const price = middleOf(quote);
  return price === undefined ? undefined : { price, bidSize: Number(quote?.bidSize), askSize: Number(quote?.askSize) };
};
