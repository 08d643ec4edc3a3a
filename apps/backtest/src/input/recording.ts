import { bad, priceRow, quoteRow, type Row, skipped } from './row.js';

/** `<receive time in ns> {…`: what tells a recording from a CSV. */
const recordingLine = /^(\d{16,20}) (.*)$/;

export const isRecordingLine = (text: string): boolean => recordingLine.test(text);

/**
 * A line of a recording: the raw JSON of a Binance stream, alone or in a combined stream's envelope. Trades and best
 * quotes count; everything else is skipped.
 */
export const parseRecordingLine = (text: string): Row => {
  const [, receivedNs, json] = recordingLine.exec(text) ?? [];
  if (receivedNs === undefined || json === undefined) return bad('expected "<receive time in ns> <JSON>"');
  const message = parseObject(json);
  if (message === undefined) return bad('the part after the receive time is not a JSON object');
  const event = asObject(message['data']) ?? message;
  const atMs = Number(receivedNs) / 1e6;
  const symbol = typeof event['s'] === 'string' ? event['s'] : undefined;
  const kind = event['e'];
  if (kind === 'trade' || kind === 'aggTrade') return priceRow('trade', atMs, event['p'], symbol);
  // On spot a best quote has no event type; what no other message has is both sides' sizes under one letter.
  const isQuote =
    kind === 'bookTicker' ||
    (kind === undefined && ['b', 'B', 'a', 'A'].every((name) => typeof event[name] === 'string'));
  if (!isQuote) return skipped;
  const quote = { atMs, bid: event['b'], bidSize: event['B'], ask: event['a'], askSize: event['A'] };
  return quoteRow(symbol === undefined ? quote : { ...quote, symbol });
};

const parseObject = (json: string): Record<string, unknown> | undefined => {
  try {
    return asObject(JSON.parse(json));
  } catch {
    return undefined;
  }
};

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
