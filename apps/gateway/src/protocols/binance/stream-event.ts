import {
  createWebSocketFormat,
  type MessageCodec,
  opcodes,
  PayloadItem,
  type Session,
  type StreamItem,
  type WebSocketFormat,
} from '@tickwire/hub';
import type { Scope } from '../consumer.js';
import { jsonText } from '../json-text.js';
import type { TimeUnit } from './payload-fields.js';

/** How a connection wants its events: wrapped with the stream's name or not, and in which unit of time. */
export interface Variant {
  readonly isCombined: boolean;
  readonly unit: TimeUnit;
}

/** Every variant there is, at its index. */
export const variants: readonly Variant[] = [
  { isCombined: false, unit: 'ms' },
  { isCombined: true, unit: 'ms' },
  { isCombined: false, unit: 'us' },
  { isCombined: true, unit: 'us' },
];

export const variantIndex = ({ isCombined, unit }: Variant): number => (isCombined ? 1 : 0) + (unit === 'us' ? 2 : 0);

/** A connection follows events alone, which are payloads already; what else could come on a stream is its JSON. */
const binanceCodec: MessageCodec = {
  name: 'binance',
  opcode: opcodes.text,
  encodePublication: ({ message }) => Buffer.from(jsonText(message)),
  encodeNotice: (notice) => Buffer.from(jsonText(notice)),
  join: (payloads) => Buffer.concat(payloads),
};

const binanceFormats = {
  plain: createWebSocketFormat(binanceCodec, { isCompressed: false, isJoined: false }),
  compressed: createWebSocketFormat(binanceCodec, { isCompressed: true, isJoined: false }),
} as const;

export const formatOf = ({ isCompressed }: Pick<Scope, 'isCompressed'>): WebSocketFormat =>
  isCompressed ? binanceFormats.compressed : binanceFormats.plain;

/** Whether its client speaks this protocol. */
export const isBinanceSession = ({ format }: Pick<Session, 'format'>): boolean =>
  Object.values(binanceFormats).some((known) => known === format);

/** One event of a stream: its payload is made once per unit of time, its text once per variant. */
export class StreamEvent {
  readonly #name: string;
  readonly #payload: (unit: TimeUnit) => string;
  readonly #texts = new Map<TimeUnit, string>();
  readonly #items: (StreamItem | undefined)[] = [];

  /** It reports something that is over, so a new follower does not begin with it. */
  readonly isOver: boolean;

  /** `payload` may throw: the event is then counted as one nobody can encode, and left out. */
  constructor(name: string, payload: (unit: TimeUnit) => string, isOver = false) {
    this.#name = name;
    this.#payload = payload;
    this.isOver = isOver;
  }

  item(index: number): StreamItem {
    const known = this.#items[index] ?? new PayloadItem(() => Buffer.from(this.#variantText(index)));
    this.#items[index] = known;
    return known;
  }

  text(unit: TimeUnit): string {
    const text = this.#texts.get(unit) ?? this.#payload(unit);
    this.#texts.set(unit, text);
    return text;
  }

  #variantText(index: number): string {
    const { isCombined = false, unit = 'ms' } = variants[index] ?? {};
    return isCombined ? `{"stream":"${this.#name}","data":${this.text(unit)}}` : this.text(unit);
  }
}
