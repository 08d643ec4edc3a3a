import type { TickMessage } from '../wire/tick-payload.js';

export interface ChannelTick {
  readonly channel: number;
  readonly message: TickMessage;
}

/** Where ticks are published. One form of publishing each. */
export interface Outlet {
  /** In order; resolves when Redis has them, or where that cannot be known when they were sent. */
  publish(ticks: readonly ChannelTick[]): Promise<void>;
  close(): Promise<void>;
}
