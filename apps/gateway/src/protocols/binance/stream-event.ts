import { deflatedFrame, opcodes, type StreamItem, type WireFormat, websocketFrame } from '@tickwire/hub';
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

export const binanceFormats = {
  plain: { name: 'binance' },
  compressed: { name: 'binance-deflate' },
} as const satisfies Record<string, WireFormat>;

/** One event of a stream: its payload is made once per unit of time, its frames once per variant and format. */
export class StreamEvent {
  readonly #name: string;
  readonly #payload: (unit: TimeUnit) => string;
  readonly #texts = new Map<TimeUnit, string>();
  readonly #items: (StreamItem | undefined)[] = [];

  /** `payload` may throw: the event is then counted as one nobody can encode, and left out. */
  constructor(name: string, payload: (unit: TimeUnit) => string) {
    this.#name = name;
    this.#payload = payload;
  }

  item(index: number): StreamItem {
    const known = this.#items[index];
    if (known !== undefined) return known;
    const frames = new Map<WireFormat, Uint8Array>();
    const item: StreamItem = {
      encode: (format) => {
        const frame = frames.get(format) ?? this.#frame(index, format);
        frames.set(format, frame);
        return frame;
      },
    };
    this.#items[index] = item;
    return item;
  }

  text(unit: TimeUnit): string {
    const text = this.#texts.get(unit) ?? this.#payload(unit);
    this.#texts.set(unit, text);
    return text;
  }

  #frame(index: number, format: WireFormat): Uint8Array {
    const { isCombined, unit } = variants[index] as Variant;
    const text = isCombined ? `{"stream":"${this.#name}","data":${this.text(unit)}}` : this.text(unit);
    return textFrame(text, format === binanceFormats.compressed);
  }
}

export const textFrame = (text: string, isCompressed: boolean): Uint8Array => {
  const bytes = Buffer.from(text);
  return isCompressed ? deflatedFrame(opcodes.text, bytes) : websocketFrame(opcodes.text, bytes);
};
