import { Stream, type StreamItem } from '@tickwire/hub';
import { type StreamEvent, variants } from './stream-event.js';

/** Where a stream's events come from. */
export interface StreamSource {
  /** Calls back until the function returned is called. @throws what the layer throws when it cannot subscribe. */
  start(publish: (event: StreamEvent) => void): Promise<() => void>;
}

/**
 * One of Binance's streams, shared by all who follow it: a hub stream per variant, of which those that nobody follows
 * cost nothing.
 */
export class BinanceStream {
  readonly name: string;
  /** Connections that follow it or are about to. */
  users = 0;
  readonly #variants: readonly Stream[];
  readonly #source: StreamSource;
  readonly #startsWithNewest: boolean;
  #newest: StreamEvent | undefined;
  #started: Promise<void> | undefined;
  #stop: (() => void) | undefined;
  #isStopped = false;

  /** `startsWithNewest`: the events are states, so a new follower is better off with the newest than with nothing. */
  constructor(name: string, source: StreamSource, startsWithNewest: boolean) {
    this.name = name;
    this.#source = source;
    this.#startsWithNewest = startsWithNewest;
    this.#variants = variants.map((_, index) => new Stream(`${name}#${index}`));
  }

  variant(index: number): Stream {
    return this.#variants[index] as Stream;
  }

  /** What a connection begins with; undefined for streams of single happenings. */
  newest(index: number): StreamItem | undefined {
    return this.#startsWithNewest ? this.#newest?.item(index) : undefined;
  }

  /** Resolves once nothing published from now on can be missed. Rejects as the source does; then it is of no use. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  publish(event: StreamEvent): void {
    this.#newest = event.isOver ? undefined : event;
    for (const [index, stream] of this.#variants.entries()) if (stream.isFollowed) stream.publish(event.item(index));
  }

  stop(): void {
    this.#isStopped = true;
    this.#stop?.();
    this.#stop = undefined;
  }

  async #start(): Promise<void> {
    const stop = await this.#source.start((event) => this.publish(event));
    if (this.#isStopped) stop();
    else this.#stop = stop;
  }
}
