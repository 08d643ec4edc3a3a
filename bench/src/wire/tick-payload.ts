/** What every peer sends for one tick: a `price.trade` cut down to the fields a benchmark needs. */
export interface TickMessage {
  readonly type: 'price.trade';
  readonly seq: number;
  readonly epoch: string;
  /** When it was due to be published, in wall milliseconds with microseconds as fraction. */
  readonly pts: number;
  readonly price: string;
  readonly [field: string]: unknown;
}

/** Bytes of a tick as JSON, `channel` included, whatever its `seq`. */
export const tickBytes = 120;

/** The epoch of everything that a publisher publishes. */
export const tickEpoch = 'b';

/** `trade.sim.C007-USD`: legal for the gateway, of one length for all up to 1000. */
export const channelNameOf = (channel: number): string => `trade.sim.C${String(channel).padStart(3, '0')}-USD`;

/**
 * A tick of a channel. Its JSON is `tickBytes` long with `channel` in front: the price carries as many decimals as
 * that takes, so that neither a growing `seq` nor a round `pts` changes what a write costs.
 */
export const tickMessage = (channel: number, seq: number, epoch: string, pts: number): TickMessage => {
  const stamp = Math.round(pts * 1_000) / 1_000;
  const draft = { channel: channelNameOf(channel), type: 'price.trade', seq, epoch, pts: stamp, price: '' };
  const room = Math.max(tickBytes - JSON.stringify(draft).length, 3);
  return { type: 'price.trade', seq, epoch, pts: stamp, price: priceOf(seq, room) };
};

/** With the channel in it, as peers get it whose layer does not name the channel to clients. */
export const tickWithChannel = (channel: number, message: TickMessage): TickMessage => ({
  channel: channelNameOf(channel),
  ...message,
});

/** Digits that compress as badly as those of prices do. */
const priceOf = (seq: number, length: number): string => {
  const noise = String(Math.imul(seq, 0x9e3779b1) >>> 0).padStart(10, '0');
  return `61${noise.slice(0, 3)}.${noise.slice(3)}${noise}`.slice(0, length);
};
