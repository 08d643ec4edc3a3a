import { Allowance } from './allowance.js';
import type { LimitsConfig } from './limits-config.js';

/** The limit that a client would exceed. */
export type SeatRefusal = 'connections' | 'connections-per-ip' | 'connect-rate';

/** Counts clients that stay against the limits that hold for the whole gateway, whichever worker has the client. */
export interface Seats {
  /** Counts a client in, or returns the limit that forbids it. A promise if another process counts. */
  take(address: string): SeatRefusal | undefined | Promise<SeatRefusal | undefined>;
  /** Counts out a client that was counted in. */
  leave(address: string): void;
}

/** Seats that this process counts itself. */
export interface OwnSeats extends Seats {
  take(address: string): SeatRefusal | undefined;
}

export interface SeatsOptions {
  readonly limits: Pick<LimitsConfig, 'maxConnections' | 'maxConnectionsPerIp' | 'connectsPerSecond'>;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

export const createSeats = ({ limits, now = () => performance.now() }: SeatsOptions): OwnSeats => {
  const { maxConnections, maxConnectionsPerIp, connectsPerSecond } = limits;
  const rate = new Allowance(connectsPerSecond, connectsPerSecond, now());
  const byAddress = new Map<string, number>();
  let taken = 0;
  return {
    take(address) {
      const ofAddress = byAddress.get(address) ?? 0;
      if (taken >= maxConnections) return 'connections';
      if (maxConnectionsPerIp > 0 && ofAddress >= maxConnectionsPerIp) return 'connections-per-ip';
      if (!rate.take(1, now())) return 'connect-rate';
      taken += 1;
      byAddress.set(address, ofAddress + 1);
      return undefined;
    },
    leave(address) {
      taken -= 1;
      const left = (byAddress.get(address) ?? 0) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    },
  };
};
