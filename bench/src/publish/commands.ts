/** How ticks get to the server under test. */
export type PublishForm =
  /** As the product does: one script per batch appends to history and publishes msgpack to the group. */
  | 'history'
  /** `PUBLISH` of JSON to a Redis channel named as the channel. */
  | 'json'
  /** `PUBLISH` of msgpack to the group, as channels_redis' `group_send` does. */
  | 'channels'
  /** `io.to(channel).emit()` of a Socket.IO server without clients, through the Redis adapter. */
  | 'socket.io'
  /** With the commands and in the format of Centrifugo's Redis broker, with history. */
  | 'centrifugo';

export interface OpenRequest {
  readonly redisUrl: string;
  readonly form: PublishForm;
  readonly channels: number;
}

export interface PublishRequest {
  /** Rate over all channels. */
  readonly ticksPerSecond: number;
  /** Ticks that are due at the same moment. */
  readonly burst: number;
  /** Ticks are stamped when they leave, not when they were due. @default false */
  readonly stampsWhenSent?: boolean;
  /** It stops by itself after this time. */
  readonly limitMs: number;
}

export interface PublishResult {
  /** Last `seq` of each channel. */
  readonly published: readonly number[];
  readonly ticks: number;
  /** How late ticks left behind their schedule. Part of the latency that is reported, for a tick's stamp is its schedule. */
  readonly latenessMs: { readonly p50: number; readonly p99: number };
  readonly seconds: number;
  /** Share of one core, 0 to 1. */
  readonly cpu: number;
}

export interface PublisherCommands {
  open(request: OpenRequest): Promise<void>;
  start(request: PublishRequest): Promise<void>;
  stop(): Promise<PublishResult>;
  close(): Promise<void>;
}
