import { createMessageCodec, type GroupBatch, type Message, type MessageCodec } from '@tickwire/channel-layer';
import type { ChannelKind } from '@tickwire/protocol';
import { makeMessage } from './market-hour.js';

/** What history accepts of one busy symbol: tickers at the pace of TICKER_MS, and bars once they are closed. */
const perMinute: Partial<Record<ChannelKind, number>> = {
  trade: 300,
  ticker: 400,
  'bar-1s': 60,
  forecast: 60,
  health: 12,
};
/** Minutes between two bars. */
const barEvery: Partial<Record<ChannelKind, number>> = {
  'bar-1m': 1,
  'bar-5m': 5,
  'bar-15m': 15,
  'bar-1h': 60,
};
/** Bars that a start fills in from the venue. */
const filledIn: Partial<Record<ChannelKind, number>> = {
  'bar-1m': 2_880,
  'bar-5m': 200,
  'bar-15m': 96,
  'bar-1h': 720,
  'bar-4h': 90,
  'bar-1d': 60,
};

const epoch = 'hour';
/** From this number on, numbers have the same length in msgpack, and so have all messages of a kind. */
const beforeFirst = 70_000;
const seqField = Buffer.from([0xa3, 0x73, 0x65, 0x71, 0xce]);

const templateOf = (kind: ChannelKind): { readonly bytes: Buffer; readonly seqAt: number } => {
  const make = makeMessage[kind in makeMessage ? (kind as keyof typeof makeMessage) : 'bar-1m'];
  const message = { ...make('COIN499-USDT', 1_800_000_000_000), seq: beforeFirst, epoch };
  const bytes = Buffer.from(createMessageCodec().encode(message));
  return { bytes, seqAt: bytes.indexOf(seqField) + seqField.length };
};

/** Makes the bytes of real messages from one message of each kind, because an hour of a venue has 25 million. */
export const createVenueCodec = (): MessageCodec => {
  const templates = new Map<unknown, ReturnType<typeof templateOf>>();
  return {
    ...createMessageCodec(),
    encode(message) {
      const kind = message['kind'] as ChannelKind;
      const template = templates.get(kind) ?? templateOf(kind);
      templates.set(kind, template);
      const bytes = Buffer.from(template.bytes);
      bytes.writeUInt32BE(message['seq'] as number, template.seqAt);
      return bytes;
    },
  };
};

/** The batches of one symbol, minute by minute; the first call includes the bars that a start fills in. */
export const createVenueSymbol = (symbol: string): ((minute: number) => readonly GroupBatch[]) => {
  const last = new Map<ChannelKind, number>();

  const batch = (kind: ChannelKind, count: number): GroupBatch => {
    const known = last.get(kind);
    const before = known ?? beforeFirst;
    last.set(kind, before + count);
    const messages = Array.from({ length: count }, (_, index): Message => {
      return { type: 'price', kind, seq: before + 1 + index, epoch };
    });
    const group = `${kind}.binance.${symbol}`;
    return { group, epoch, firstSeq: before + 1, messages, ...(known === undefined && { reset: true }) };
  };

  return (minute) => {
    const counts = new Map<string, number>(Object.entries(minute === 0 ? filledIn : {}));
    const add = (kind: string, count: number): Map<string, number> => counts.set(kind, (counts.get(kind) ?? 0) + count);
    for (const [kind, count] of Object.entries(perMinute)) add(kind, count);
    for (const [kind, every] of Object.entries(barEvery)) if (minute % every === 0) add(kind, 1);
    return [...counts].map(([kind, count]) => batch(kind as ChannelKind, count));
  };
};
