import { createCandles, follow, type MessageOf } from '@tickwire/client';
import type { Bar } from '@tickwire/protocol';
import type { Centrifuge } from 'centrifuge';

/** The state of a channel; the same object until it changes. */
export interface ChannelView<Message> {
  /** The newest message; undefined before the first. */
  readonly message: Message | undefined;
  /** Bars of a channel of bars, oldest first. */
  readonly bars: readonly Bar[];
  /** Why the subscription ended, for example because there is no such channel. */
  readonly ended: string | undefined;
}

/** A channel that any number of components share. */
export interface ChannelStore<Message> {
  /** Follows the channel while there is a listener. */
  subscribe(onChange: () => void): () => void;
  view(): ChannelView<Message>;
}

const maxBars = 500;
const isOfBars = (channel: string): channel is `bar-1s.${string}` => channel.startsWith('bar-');

export const createChannelStore = <Channel extends string>(
  client: Centrifuge,
  channel: Channel,
): ChannelStore<MessageOf<Channel>> => {
  const listeners = new Set<() => void>();
  const candles = createCandles(maxBars);
  let view: ChannelView<MessageOf<Channel>> = { message: undefined, bars: [], ended: undefined };
  let stop = (): void => {};

  const show = (change: Partial<ChannelView<MessageOf<Channel>>>): void => {
    view = { ...view, ...change };
    for (const listener of [...listeners]) listener();
  };
  const start = (): (() => void) => {
    const onEnd = (ended: string): void => show({ ended });
    if (!isOfBars(channel))
      return follow(client, channel, { onMessage: (message) => show({ message }), onEnd }, { last: 1 });
    const onBar = (bar: MessageOf<typeof channel>): void => {
      candles.add(bar);
      show({ message: bar as MessageOf<Channel>, bars: candles.bars });
    };
    return follow(client, channel, { onMessage: onBar, onEnd }, { last: maxBars });
  };

  return {
    subscribe(onChange) {
      if (listeners.size === 0) {
        if (view.ended !== undefined) view = { ...view, ended: undefined };
        stop = start();
      }
      // Two components may pass the same function.
      const listener = (): void => onChange();
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    view: () => view,
  };
};
