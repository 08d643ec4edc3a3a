import { addProduct, emptySum, formatSum } from '@tickwire/protocol';
import { expandExponent } from '../decimal/decimal.js';
import { readEach } from '../exchange/entries.js';
import type { VenueCandles } from '../exchange/venue.js';
import { amountField, type Fields, idField, positiveField } from '../exchange/wire-fields.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * `[seconds, low, high, open, close, volume]`, as numbers, newest first; both ends of the range are included. The venue
 * reports neither quote volume nor number of trades: the volume is valued at the close, and the number is at least one.
 */
export const coinbaseCandles: VenueCandles = {
  max: 300,
  path: ({ name }, lengthMs, fromMs, untilMs) =>
    `/products/${name}/candles?granularity=${lengthMs / 1_000}&start=${iso(fromMs)}&end=${iso(untilMs - lengthMs)}`,
  read: (answer, _pair, onBadEntry) =>
    readEach(
      answer,
      (numbers) => {
        const row = written(numbers);
        const close = positiveField(row, '4');
        const volume = amountField(row, '5');
        const quoteVolume = emptySum();
        addProduct(quoteVolume, volume, close);
        return {
          start: Number(idField(row, '0')) * 1_000,
          open: positiveField(row, '3'),
          high: positiveField(row, '2'),
          low: positiveField(row, '1'),
          close,
          volume,
          quoteVolume: formatSum(quoteVolume),
          trades: /[1-9]/.test(volume) ? 1 : 0,
        };
      },
      onBadEntry,
    ),
};

const written = (numbers: Fields): Fields =>
  Object.fromEntries(
    Object.entries(numbers).map(([key, value]) => [
      key,
      typeof value === 'number' && Number.isFinite(value) ? expandExponent(String(value)) : value,
    ]),
  );
