import { channelNameOf, tickEpoch } from '../wire/tick-payload.js';

interface AnyGreeting {
  /** The first line of the request asks for it. */
  readonly path: string;
  /** Connects over TLS and accepts any certificate. */
  readonly isSecure?: boolean;
}

/** How a client greets the server. */
export type Greeting =
  | (AnyGreeting & {
      readonly kind: 'websocket';
      readonly offersDeflate?: boolean;
      /** A client that reconnects adds its positions to the path: `since=<channel>:<epoch>:<seq>,…`. */
      readonly recovers?: boolean;
    })
  | (AnyGreeting & { readonly kind: 'socket.io' })
  | CentrifugeGreeting;

/** The Centrifuge protocol in JSON; each channel is a subscription of its own. */
export type CentrifugeGreeting = AnyGreeting & {
  readonly kind: 'centrifuge';
  readonly channels: readonly string[];
  /** A client that reconnects asks for what it missed. */
  readonly recovers?: boolean;
  /** The last `seq` of each channel, by name, of a client that reconnects. */
  readonly positions?: Readonly<Record<string, number>>;
};

/** The last tick that a client received of a channel. */
export interface ChannelPosition {
  readonly channel: number;
  readonly seq: number;
}

/** The greeting of a client that reconnects: it asks for what it missed if the protocol can. */
export const greetingSince = (greeting: Greeting, positions: readonly ChannelPosition[]): Greeting => {
  if (greeting.kind === 'socket.io' || greeting.recovers !== true || positions.length === 0) return greeting;
  if (greeting.kind === 'centrifuge') {
    const named = positions.map(({ channel, seq }) => [channelNameOf(channel), seq] as const);
    return { ...greeting, positions: Object.fromEntries(named) };
  }
  const since = positions.map(({ channel, seq }) => `${channelNameOf(channel)}:${tickEpoch}:${seq}`);
  return { ...greeting, path: `${greeting.path}&since=${since.join(',')}` };
};
