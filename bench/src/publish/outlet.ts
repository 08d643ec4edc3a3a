import type { TickMessage } from '../wire/tick-payload.js';

export interface ChannelTick {
  readonly channel: number;
  readonly message: TickMessage;
}

/** One way of publishing ticks. */
export interface Outlet {
  /** Publishes in order. Resolves when Redis has the ticks, or when they were sent if that cannot be known. */
  publish(ticks: readonly ChannelTick[]): Promise<void>;
  close(): Promise<void>;
}
