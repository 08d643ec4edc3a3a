import { middleOf, type RecordedEvent, type RecordedLine } from '@tickwire/market';

/** The information of a line about the price. */
export interface Observation {
  readonly kind: 'trade' | 'quote' | 'bar';
  /** Milliseconds since the Unix epoch at which it was known; for a bar, its start. */
  readonly atMs: number;
  readonly price: number;
  readonly bidSize?: number;
  readonly askSize?: number;
}

/** The observations of a line; statistics, gaps and states say nothing new about the price. */
export const observationsOf = ({ rts, events }: RecordedLine): readonly Observation[] =>
  events.flatMap((event) => observationOf(event, rts) ?? []);

const observationOf = (event: RecordedEvent, atMs: number): Observation | undefined => {
  switch (event.kind) {
    case 'trade':
      return { kind: 'trade', atMs, price: Number(event.trade.price) };
    case 'price':
      return event.barStart === undefined
        ? { kind: 'trade', atMs, price: Number(event.price) }
        : { kind: 'bar', atMs: event.barStart, price: Number(event.price) };
    case 'quote': {
      const price = middleOf(event.quote);
      if (price === undefined) return undefined;
      const sizes = { bidSize: Number(event.quote.bidSize), askSize: Number(event.quote.askSize) };
      return { kind: 'quote', atMs, price, ...(sizes.bidSize + sizes.askSize > 0 && sizes) };
    }
    default:
      return undefined;
  }
};
