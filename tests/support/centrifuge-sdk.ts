import { Centrifuge as JsonCentrifuge, type Options } from 'centrifuge';
import { Centrifuge as ProtobufCentrifuge } from 'centrifuge/build/protobuf';
import { WebSocket } from 'ws';

export const encodings = ['JSON', 'Protobuf'] as const;
export type Encoding = (typeof encodings)[number];

/** The part of the official SDK that the tests use: its two builds have different types. */
export type Sdk = JsonCentrifuge;
export type SdkSubscription = ReturnType<Sdk['newSubscription']>;

/** The official JavaScript SDK as published, with the WebSocket that Node 20 lacks. It reconnects quickly. */
export const openSdk = (encoding: Encoding, url: string, options: Partial<Options> = {}, query = ''): Sdk => {
  const endpoint = `${url.replace(/^http/, 'ws')}/connection/websocket${query}`;
  const all = { websocket: WebSocket, minReconnectDelay: 20, maxReconnectDelay: 200, ...options };
  // The Protobuf build is the same class with another codec.
  if (encoding === 'Protobuf') return new ProtobufCentrifuge(endpoint, all) as unknown as Sdk;
  return new JsonCentrifuge(endpoint, all);
};

/** The message inside a publication: Protobuf carries it as bytes. */
export const messageOf = (data: unknown): Readonly<Record<string, unknown>> =>
  (data instanceof Uint8Array ? JSON.parse(Buffer.from(data).toString()) : data) as Readonly<Record<string, unknown>>;
