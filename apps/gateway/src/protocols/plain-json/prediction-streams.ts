import { type Hub, Stream } from '@tickwire/hub';
import { type CatalogEntry, channelName } from '@tickwire/protocol';
import { plainJsonItem } from './plain-json-item.js';

const intervalMs = 1_000;

/**
 * What the page of the blog post gets: the price once a second, whether it moved or not, with the newest forecast
 * beside it. One stream a symbol, shared by all its clients; it costs nothing while nobody follows it.
 */
export interface PredictionStreams {
  /** @throws what the layer throws when it cannot subscribe. */
  open(entry: CatalogEntry): Promise<Stream>;
  close(): void;
}

export const createPredictionStreams = (hub: Hub): PredictionStreams => {
  const open = new Map<string, Promise<PredictionStream>>();
  const ready = new Set<PredictionStream>();

  const start = async (entry: CatalogEntry): Promise<PredictionStream> => {
    const stream = new PredictionStream(entry);
    await stream.start(hub);
    ready.add(stream);
    return stream;
  };

  const timer = setInterval(() => {
    for (const stream of ready) {
      if (stream.isFollowed || stream.hasJustBeenOpened) {
        stream.tick();
        continue;
      }
      ready.delete(stream);
      open.delete(stream.name);
      stream.stop();
    }
  }, intervalMs);

  return {
    async open(entry) {
      const name = streamName(entry);
      const known = open.get(name);
      const stream = known ?? start(entry);
      open.set(name, stream);
      try {
        const opened = await stream;
        opened.hasJustBeenOpened = true;
        return opened;
      } catch (error) {
        if (open.get(name) === stream) open.delete(name);
        throw error;
      }
    },
    close() {
      clearInterval(timer);
      for (const stream of ready) stream.stop();
    },
  };
};

const streamName = ({ venue, symbol }: CatalogEntry): string => `prediction.${venue}.${symbol}`;

class PredictionStream extends Stream {
  /** Keeps it through one tick until the client it was opened for follows it. */
  hasJustBeenOpened = true;
  readonly #entry: CatalogEntry;
  #price: { readonly price: number; readonly ts: unknown } | undefined;
  #forecast: unknown;
  #stop: (() => void)[] = [];

  constructor(entry: CatalogEntry) {
    super(streamName(entry));
    this.#entry = entry;
  }

  async start(hub: Hub): Promise<void> {
    const { venue, symbol } = this.#entry;
    const ticker = await hub.tap(channelName('ticker', venue, symbol), ({ message }) => this.#onTicker(message));
    this.#stop.push(ticker);
    try {
      this.#stop.push(
        await hub.tap(channelName('forecast', venue, symbol), ({ message }) => {
          this.#forecast = message;
        }),
      );
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#refresh();
  }

  tick(): void {
    this.hasJustBeenOpened = false;
    this.#refresh();
    if (this.newest !== undefined) this.publish(this.newest);
  }

  stop(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  #onTicker(message: Readonly<Record<string, unknown>>): void {
    const price = Number(message['last']);
    if (typeof message['last'] !== 'string' || !Number.isFinite(price)) return;
    this.#price = { price, ts: message['ts'] };
    // The very first price does not wait for the next second.
    if (this.newest === undefined) {
      this.#refresh();
      if (this.newest !== undefined && this.isFollowed) this.publish(this.newest);
    }
  }

  #refresh(): void {
    if (this.#price === undefined) return;
    const { venue, symbol } = this.#entry;
    const forecast = this.#forecast;
    this.newest = plainJsonItem({ ...this.#price, venue, symbol, ...(forecast !== undefined && { forecast }) });
  }
}
