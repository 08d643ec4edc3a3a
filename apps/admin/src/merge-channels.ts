import type { GatewayState } from '@tickwire/protocol';

/** One channel, merged from all gateways. */
export interface MergedChannel {
  readonly channel: string;
  /** Sum over all gateways. */
  readonly users: number;
  /** All gateways receive the same publications, so the highest rate is the right one. */
  readonly rate: number | null;
  /** Names of the gateways where it is stale. */
  readonly staleAt: readonly string[];
  readonly gateways: number;
}

/** Most subscribers first. */
export const mergeChannels = (
  gateways: readonly Pick<GatewayState, 'name' | 'channels'>[],
): readonly MergedChannel[] => {
  const merged = new Map<string, MergedChannel>();
  for (const { name, channels } of gateways) {
    for (const { channel, users, rate, isStale } of channels) {
      const known = merged.get(channel) ?? { channel, users: 0, rate: null, staleAt: [], gateways: 0 };
      merged.set(channel, {
        channel,
        users: known.users + users,
        rate: rate === null ? known.rate : Math.max(rate, known.rate ?? 0),
        staleAt: isStale ? [...known.staleAt, name] : known.staleAt,
        gateways: known.gateways + 1,
      });
    }
  }
  return [...merged.values()].sort((a, b) => b.users - a.users || (a.channel < b.channel ? -1 : 1));
};
