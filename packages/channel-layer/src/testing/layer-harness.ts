import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { LayerEvent, Message } from '../layer.js';
import type { CapacityOptions } from '../mailbox/capacity.js';
import type { ChannelLayer } from '../mailbox/mailboxes.js';

/** The options that the suite needs to set on a layer. */
export interface LayerContractOptions extends CapacityOptions {
  readonly expiryMs?: number;
  readonly groupExpiryMs?: number;
  readonly eventIntervalMs?: number;
  readonly now?: () => number;
}

/** Makes a ready layer; all layers made by one function reach each other. The suite closes it. */
export type MakeLayer = (options?: LayerContractOptions) => Promise<ChannelLayer>;

export interface LayerTraits {
  /**
   * The layer sees every mailbox: `send` rejects when one is full, and messages before the first `receive` of an agreed
   * channel are kept. @default false
   */
  readonly seesMailboxes?: boolean;
  /** Its serializer can carry bytes. @default true */
  readonly carriesBytes?: boolean;
}

/** Makes layers for one test and closes them at its end. */
export interface Layers extends AsyncDisposable {
  open(options?: LayerContractOptions): Promise<ChannelLayer>;
}

export const createLayers = (makeLayer: MakeLayer): Layers => {
  const opened: ChannelLayer[] = [];
  return {
    async open(options = {}) {
      const layer = await makeLayer(options);
      opened.push(layer);
      return layer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((layer) => layer.close()));
    },
  };
};

/** A name that no other test uses: tests share a server. */
export const freshName = (prefix: string): string => `${prefix}-${randomUUID()}`;

/** Opens an agreed channel: a first `receive` opens it even when it is aborted. */
export const openAgreed = async (layer: ChannelLayer, channel: string): Promise<void> => {
  const abort = new AbortController();
  const read = layer.receive(channel, { signal: abort.signal });
  abort.abort(new Error('only to open it'));
  await expect(read).rejects.toThrow('only to open it');
};

export const receiveMany = async (layer: ChannelLayer, channel: string, count: number): Promise<Message[]> => {
  const messages: Message[] = [];
  while (messages.length < count) messages.push(await layer.receive(channel));
  return messages;
};

/** Collects values; `reached` resolves when there are enough. */
export interface Collector<T> {
  readonly items: readonly T[];
  add(item: T): void;
  reached(count: number): Promise<void>;
}

export const createCollector = <T>(): Collector<T> => {
  const items: T[] = [];
  const waiting = new Map<() => void, number>();
  return {
    items,
    add(item) {
      items.push(item);
      for (const [resolve, count] of waiting) {
        if (items.length < count) continue;
        waiting.delete(resolve);
        resolve();
      }
    },
    reached: (count) =>
      items.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.set(resolve, count)),
  };
};

/** The number of messages that these events report as dropped. */
export const droppedCount = (
  events: readonly LayerEvent[],
  channel: string,
  reason: 'full' | 'expired' = 'full',
): number =>
  events.reduce(
    (sum, event) =>
      event.type === 'dropped' && event.channel === channel && event.reason === reason ? sum + event.count : sum,
    0,
  );
