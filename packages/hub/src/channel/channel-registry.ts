import type { HistoryRange, LayerEvent } from '@tickwire/channel-layer';
import type { HubCounters, HubObserver } from '../counters.js';
import { Channel, isRejection, type PublicationSource } from './channel.js';
import type { IntervalClocks } from './interval-stream.js';
import { createNewestLoader } from './newest-loader.js';

/** Names compared with history in one call. */
const probeBatch = 256;
/** Some milliseconds of work. */
const closesPerTurn = 128;

export interface ChannelRegistryOptions {
  readonly source: PublicationSource;
  readonly counters: HubCounters;
  readonly clocks: IntervalClocks;
  readonly recentSize: number;
  /** How long an unused channel stays subscribed. */
  readonly lingerMs: number;
  /** A channel that hears nothing is compared with history at least this often. */
  readonly probeMs: number;
  readonly observer: HubObserver;
  readonly now: () => number;
}

/** The channels in use here. Each is opened once and kept complete while it is open. */
export interface ChannelRegistry {
  readonly channels: ReadonlyMap<string, Channel>;
  /**
   * Returns an open channel; the caller must release it.
   * @throws what the layer throws when it cannot subscribe or read.
   */
  acquire(name: string): Promise<Channel>;
  release(channel: Channel): void;
  /** These, and no others, are channels on which their producer cannot publish now. */
  setAside(names: ReadonlySet<string>): void;
  /** Closes channels that have lingered long enough. */
  sweep(): void;
  close(): Promise<void>;
}

export const createChannelRegistry = (options: ChannelRegistryOptions): ChannelRegistry => {
  const { source, counters, clocks, recentSize, lingerMs, probeMs, observer, now } = options;
  const channels = new Map<string, Channel>();
  const lingering = new Map<Channel, number>();
  const newest = createNewestLoader((names) => source.history.newest(names, 1));
  /** Half of it: a channel that falls silent right after one check is then still probed in time, two checks later. */
  const turnMs = probeMs / 2;
  let isProbing = false;
  let aside: ReadonlySet<string> = new Set();
  /** More channels are due than one turn closes. */
  let closing: NodeJS.Immediate | undefined;

  const acquire = async (name: string): Promise<Channel> => {
    const channel =
      channels.get(name) ?? new Channel({ name, source, counters, clocks, recentSize, newest, observer, now });
    channels.set(name, channel);
    channel.users += 1;
    lingering.delete(channel);
    try {
      await channel.open();
    } catch (error) {
      // Removed, so that the next user tries again.
      if (channels.get(name) === channel) channels.delete(name);
      closeQuietly(channel);
      throw error;
    }
    if (aside.has(name)) channel.begin('aside');
    return channel;
  };

  const setAside = (names: ReadonlySet<string>): void => {
    const before = aside;
    aside = names;
    for (const name of names) {
      const channel = channels.get(name);
      if (channel?.isOpen) channel.begin('aside');
    }
    for (const name of before) if (!names.has(name)) void channels.get(name)?.end('aside');
  };

  const release = (channel: Channel): void => {
    channel.releaseIntervals();
    channel.users -= 1;
    if (channel.users === 0) lingering.set(channel, now() + lingerMs);
  };

  const sweep = (): void => {
    const at = now();
    for (const channel of channels.values()) channel.releaseIntervals();
    if (closing === undefined) closeDue(at);
  };

  /** A client that leaves may leave thousands of channels: what is due is closed a part in each turn. */
  const closeDue = (at: number): void => {
    closing = undefined;
    let left = closesPerTurn;
    for (const [channel, deadline] of lingering) {
      if (at < deadline) continue;
      if (left === 0) {
        closing = setImmediate(closeDue, at);
        return;
      }
      left -= 1;
      lingering.delete(channel);
      channels.delete(channel.name);
      closeQuietly(channel);
    }
  };

  /** A dead connection may go unnoticed. If the history of a silent channel has moved, the channel missed something. */
  const probe = async (): Promise<void> => {
    const silent = [...channels.values()].filter(
      (channel) => channel.isOpen && (channel.isRejected || now() - channel.heardAt >= turnMs),
    );
    for (let at = 0; at < silent.length; at += probeBatch) {
      const batch = silent.slice(at, at + probeBatch);
      const ranges = await source.history.newest(
        batch.map((channel) => channel.name),
        0,
      );
      for (const [index, channel] of batch.entries()) compare(channel, ranges[index]);
    }
  };

  const compare = (channel: Channel, range: HistoryRange | undefined): void => {
    if (range !== undefined && isRejection(range)) {
      channel.begin('rejected');
      return;
    }
    void channel.end('rejected');
    const known = channel.position;
    const top = range?.position;
    if (top === null || top === undefined) return;
    if (known !== undefined && known.epoch === top.epoch && top.seq <= known.seq) return;
    counters.gaps += 1;
    void channel.catchUp();
  };

  const probeTimer = setInterval(async () => {
    // A slow history must not get the same request twice at once.
    if (isProbing) return;
    isProbing = true;
    try {
      await probe();
    } catch {
      counters.failedReads += 1;
    }
    isProbing = false;
  }, turnMs).unref();

  const onLayerEvent = (event: LayerEvent): void => {
    if (event.type !== 'lost' && event.type !== 'restored') return;
    for (const name of event.groups) {
      const channel = channels.get(name);
      if (channel === undefined) continue;
      if (event.type === 'lost') channel.begin('lost');
      else void channel.end('lost');
    }
  };
  const stopListening = source.layer.onEvent(onLayerEvent);

  return {
    channels,
    acquire,
    release,
    setAside,
    sweep,
    async close() {
      clearInterval(probeTimer);
      clearImmediate(closing);
      stopListening();
      lingering.clear();
      await Promise.allSettled([...channels.values()].map((channel) => channel.close()));
      channels.clear();
    },
  };
};

/** A failure here means that the layer's connection is lost: the layer has already forgotten the subscription. */
const closeQuietly = (channel: Channel): void => {
  channel.close().catch(() => undefined);
};
