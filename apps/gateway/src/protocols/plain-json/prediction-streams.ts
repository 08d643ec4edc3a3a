import { type Hub, Stream } from '@tickwire/hub';
import { type CatalogEntry, type Clock, channelName, createSystemClock } from '@tickwire/protocol';
import { plainJsonItem } from './plain-json-format.js';

const intervalMs = 1_000;
/** A timer that fires a little early, or a wall clock that was set, must not cause two prices in one second. */
const leastWaitMs = 200;
/**
 * A price published less than this before the whole second may not have reached every gateway: it counts for the next
 * second.
 */
const underWayMs = 100;
/** If a producer's clock is further ahead than this, it cannot be compared with ours. */
const maxAheadMs = 2_000;

/**
 * What the page of the blog post receives: the price once a second, whether it moved or not, with the newest forecast.
 * It is sent at the whole second and is the last price published before it, so that all gateways send the same prices.
 * There is one stream per symbol, shared by all its clients; it costs nothing while nobody follows it.
 */
export interface PredictionStreams {
  /** @throws what the layer throws when it cannot subscribe. */
  open(entry: CatalogEntry): Promise<Stream>;
  close(): void;
}

export const createPredictionStreams = (
  hub: Pick<Hub, 'tap'>,
  clock: Clock = createSystemClock(),
): PredictionStreams => {
  const open = new Map<string, Promise<PredictionStream>>();
  const ready = new Set<PredictionStream>();

  const start = async (entry: CatalogEntry): Promise<PredictionStream> => {
    const stream = new PredictionStream(entry);
    await stream.start(hub);
    ready.add(stream);
    return stream;
  };

  const tick = (): void => {
    const second = Math.round(clock.wall() / intervalMs) * intervalMs;
    for (const stream of ready) {
      if (stream.isFollowed || stream.hasJustBeenOpened) {
        stream.tick(second);
        continue;
      }
      ready.delete(stream);
      open.delete(stream.name);
      stream.stop();
    }
    waitForSecond();
  };

  let callOff: () => void;
  const waitForSecond = (): void => {
    const waitMs = intervalMs - (clock.wall() % intervalMs);
    callOff = clock.after(waitMs < leastWaitMs ? waitMs + intervalMs : waitMs, tick);
  };
  waitForSecond();

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
      callOff();
      for (const stream of ready) stream.stop();
    },
  };
};

const streamName = ({ venue, symbol }: CatalogEntry): string => `prediction.${venue}.${symbol}`;

interface Price {
  readonly price: number;
  readonly ts: unknown;
  /** When it was published; NaN where that is unknown. */
  readonly pts: number;
}

/** More than a producer publishes in two seconds. */
const maxFresh = 250;

class PredictionStream extends Stream {
  /** Keeps it through one tick until the client it was opened for follows it. */
  hasJustBeenOpened = true;
  readonly #entry: CatalogEntry;
  #price: Price | undefined;
  /** Since the last second, oldest first. */
  #fresh: Price[] = [];
  #forecast: unknown;
  #stop: (() => void)[] = [];

  constructor(entry: CatalogEntry) {
    super(streamName(entry));
    this.#entry = entry;
  }

  async start(hub: Pick<Hub, 'tap'>): Promise<void> {
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

  tick(second: number): void {
    this.hasJustBeenOpened = false;
    this.#takeUntil(second - underWayMs);
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
    const { ts, pts } = message;
    this.#fresh.push({ price, ts, pts: Number(pts) });
    if (this.#fresh.length > maxFresh) this.#fresh.shift();
    // The very first price does not wait for the next second.
    if (this.newest === undefined) {
      this.#price = this.#fresh.at(-1);
      this.#refresh();
      if (this.newest !== undefined && this.isFollowed) this.publish(this.newest);
    }
  }

  /** Moves to the last price published before that time. */
  #takeUntil(wallMs: number): void {
    const isLater = ({ pts }: Price): boolean => pts >= wallMs && pts < wallMs + maxAheadMs;
    const later = this.#fresh.findIndex(isLater);
    const due = later === -1 ? this.#fresh : this.#fresh.slice(0, later);
    this.#fresh = later === -1 ? [] : this.#fresh.slice(later);
    this.#price = due.at(-1) ?? this.#price;
  }

  #refresh(): void {
    if (this.#price === undefined) return;
    const { venue, symbol } = this.#entry;
    const { price, ts } = this.#price;
    const forecast = this.#forecast;
    this.newest = plainJsonItem({ price, ts, venue, symbol, ...(forecast !== undefined && { forecast }) });
  }
}
