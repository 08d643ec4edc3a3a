import { readEach } from '../exchange/entries.js';
import type { VenueCandles } from '../exchange/venue.js';
import { amountField, idField, positiveField } from '../exchange/wire-fields.js';

const names: Readonly<Record<number, string>> = { 60000: '1m', 3600000: '1h', 86400000: '1d' };

/** `[start, open, high, low, close, volume, end, quote volume, trades, taker's volume, taker's quote volume, …]` */
export const binanceCandles: VenueCandles = {
  max: 1_000,
  path: ({ name }, lengthMs, fromMs, untilMs) =>
    `/api/v3/klines?symbol=${name}&interval=${names[lengthMs]}&startTime=${fromMs}&endTime=${untilMs - 1}&limit=1000`,
  read: (answer, _pair, onBadEntry) =>
    readEach(
      answer,
      (row) => ({
        start: Number(idField(row, '0')),
        open: positiveField(row, '1'),
        high: positiveField(row, '2'),
        low: positiveField(row, '3'),
        close: positiveField(row, '4'),
        volume: amountField(row, '5'),
        quoteVolume: amountField(row, '7'),
        takerBuyVolume: amountField(row, '9'),
        takerBuyQuoteVolume: amountField(row, '10'),
        trades: Number(idField(row, '8')),
      }),
      onBadEntry,
    ),
};
