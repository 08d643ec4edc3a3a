import { addProduct, emptySum, formatSum } from '@tickwire/protocol';
import { readEach } from '../exchange/entries.js';
import type { VenueCandles } from '../exchange/venue.js';
import { amountField, badField, type Fields, idField, isFields, positiveField } from '../exchange/wire-fields.js';
import { padDecimals } from './kraken-frames.js';

/**
 * `[seconds, open, high, low, close, average, volume, trades]`: always the newest 720. `last` is the start of the newest
 * that is over; the row behind it is still open.
 */
export const krakenCandles: VenueCandles = {
  max: Number.POSITIVE_INFINITY,
  path: ({ name, restName = name }, lengthMs, fromMs) =>
    `/0/public/OHLC?pair=${restName}&interval=${lengthMs / 60_000}&since=${fromMs / 1_000 - 1}`,
  read: (answer, { priceDecimals, sizeDecimals }, onBadEntry) => {
    const { last, ...byPair } = resultOf(answer);
    const newestClosed = Number(last) > 0 ? Number(last) * 1_000 : Number.POSITIVE_INFINITY;
    return Object.values(byPair).flatMap((rows) =>
      readEach(
        rows,
        (row) => {
          const start = Number(idField(row, '0')) * 1_000;
          if (start > newestClosed) return undefined;
          const price = (key: string): string => padDecimals(positiveField(row, key), priceDecimals);
          const volume = amountField(row, '6');
          const quoteVolume = emptySum();
          addProduct(quoteVolume, volume, amountField(row, '5'));
          return {
            start,
            open: price('1'),
            high: price('2'),
            low: price('3'),
            close: price('4'),
            volume: padDecimals(volume, sizeDecimals),
            quoteVolume: formatSum(quoteVolume),
            trades: Number(idField(row, '7')),
          };
        },
        onBadEntry,
      ),
    );
  },
};

/** The result in a REST answer. @throws MarketError `bad-frame` if the answer reports an error */
export const resultOf = (answer: unknown): Fields => {
  if (!isFields(answer)) throw badField('an answer', answer);
  const { error, result } = answer;
  if (Array.isArray(error) && error.length > 0) throw badField('no error', error);
  if (!isFields(result)) throw badField('a result', answer);
  return result;
};
