import type { Centrifuge } from 'centrifuge';

/** `stale`: connected, but messages may be late, because the gateway has lost its connection to Redis. */
export type ConnectionState = 'offline' | 'connecting' | 'live' | 'stale';

/** Calls back with the present state and each later one; returns a function that stops it. */
export const watchState = (client: Centrifuge, onState: (state: ConnectionState) => void): (() => void) => {
  const late = new Set<string>();
  let reported: ConnectionState | undefined;

  const report = (): void => {
    const state = stateOf(client.state, late.size > 0);
    if (state === reported) return;
    reported = state;
    onState(state);
  };
  const onChange = (): void => {
    // The next gateway reports again which channels are late.
    late.clear();
    report();
  };
  const onNotice = ({ data }: { readonly data: { readonly type?: unknown; readonly channel?: unknown } }): void => {
    if (data.type === 'channel.stale') late.add(String(data.channel));
    if (data.type === 'channel.live') late.delete(String(data.channel));
    report();
  };

  client.on('state', onChange);
  client.on('message', onNotice);
  report();
  return () => {
    client.off('state', onChange);
    client.off('message', onNotice);
  };
};

const stateOf = (state: string, isLate: boolean): ConnectionState => {
  if (state === 'connecting') return 'connecting';
  if (state !== 'connected') return 'offline';
  return isLate ? 'stale' : 'live';
};
