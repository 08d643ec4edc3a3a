import type { Greeting } from '../load/greeting.js';
import type { LoadClient } from '../load/load-client.js';
import { channelNameOf, tickEpoch } from '../wire/tick-payload.js';

export type ClientKind = 'plain' | 'batch' | 'centrifuge';

const kinds: readonly ClientKind[] = ['plain', 'batch', 'plain', 'centrifuge', 'plain'];
const followedChannels = 4;

/** One client over all its connections. */
export interface Place {
  readonly index: number;
  readonly kind: ClientKind;
  readonly channels: readonly number[];
  /** Undefined while it is away. */
  client: LoadClient | undefined;
  timer: NodeJS.Timeout | undefined;
}

export const createPlace = (index: number, channels: number): Place => ({
  index,
  kind: kinds[index % kinds.length] as ClientKind,
  channels: Array.from({ length: Math.min(followedChannels, channels) }, (_, step) => (index + step) % channels),
  client: undefined,
  timer: undefined,
});

/**
 * How the client comes in for its `serial`-th time of all. Beside its channels it follows one that nobody else does, now
 * or later: what a gateway keeps of a channel must not outlast it. `lastOf` is the last `seq` it had, 0 for none.
 */
export const greetingOf = (
  { kind, channels }: Place,
  serial: number,
  lastOf: (channel: number) => number,
): Greeting & { readonly isRecovering: boolean } => {
  const names = [...channels.map(channelNameOf), `trade.sim.S${serial}-USD`];
  if (kind === 'centrifuge') {
    return { kind: 'centrifuge', path: '/connection/websocket', channels: names, isRecovering: false };
  }
  const since = channels
    .filter((channel) => lastOf(channel) > 0)
    .map((channel) => `${channelNameOf(channel)}:${tickEpoch}:${lastOf(channel)}`);
  const query = [
    `channels=${names.join(',')}`,
    'last=0',
    ...(kind === 'batch' ? ['batch=1'] : []),
    ...(since.length > 0 ? [`since=${since.join(',')}`] : []),
  ];
  return { kind: 'websocket', path: `/ws/prediction/?${query.join('&')}`, isRecovering: since.length > 0 };
};
