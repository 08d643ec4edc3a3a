import { type ConnectionState, channelsOf, type MessageOf, watchState } from '@tickwire/client';
import type { Bar, BarInterval } from '@tickwire/protocol';
import type { Centrifuge } from 'centrifuge';
import { type ChannelStore, createChannelStore } from './channel-store.js';

/** The used part of React; Preact and others have it too. */
export interface HookHost {
  useSyncExternalStore<T>(
    subscribe: (onChange: () => void) => () => void,
    getSnapshot: () => T,
    getServerSnapshot?: () => T,
  ): T;
}

export interface TickwireHooks {
  /** The newest message of a channel; undefined before the first. */
  useMessage<Channel extends string>(channel: Channel): MessageOf<Channel> | undefined;
  /** The newest bars of a symbol, up to 500, oldest first. */
  useCandles(venue: string, symbol: string, interval: BarInterval): readonly Bar[];
  /** The state of the connection. */
  useConnection(): ConnectionState;
}

/**
 * Hooks over one client. Components that follow one channel share its subscription, which ends with the last of them;
 * its last state is shown at once when it is followed again. If a channel cannot be followed, a hook throws, for the
 * nearest error boundary.
 */
export const createHooks = ({ useSyncExternalStore }: HookHost, client: Centrifuge): TickwireHooks => {
  const stores = new Map<string, ChannelStore<unknown>>();
  const storeOf = <Channel extends string>(channel: Channel): ChannelStore<MessageOf<Channel>> => {
    const store = stores.get(channel) ?? createChannelStore(client, channel);
    stores.set(channel, store);
    return store as ChannelStore<MessageOf<Channel>>;
  };
  const useView = <Channel extends string>(channel: Channel) => {
    const { subscribe, view } = storeOf(channel);
    const now = useSyncExternalStore(subscribe, view, view);
    if (now.ended !== undefined) throw new Error(`${channel} cannot be followed: ${now.ended}`);
    return now;
  };

  let state: ConnectionState = 'offline';
  const subscribeState = (onChange: () => void): (() => void) =>
    watchState(client, (now) => {
      state = now;
      onChange();
    });
  const readState = (): ConnectionState => state;

  return {
    useMessage: (channel) => useView(channel).message,
    useCandles: (venue, symbol, interval) => useView(channelsOf(venue, symbol).candles(interval)).bars,
    useConnection: () => useSyncExternalStore(subscribeState, readState, readState),
  };
};
