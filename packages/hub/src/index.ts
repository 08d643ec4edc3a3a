export { maxIntervalMs, minIntervalMs } from './channel/interval-stream.js';
export type { HistoryPage, SharedHistory } from './channel/shared-history.js';
export type { Snapshot } from './channel/snapshot.js';
export type { HubCounters, HubObserver } from './counters.js';
export type { Transport } from './fan-out/outlet.js';
export { Session } from './fan-out/session.js';
export { Stream } from './fan-out/stream.js';
export { createWebSocketFormat, type MessageCodec, type WebSocketFormat } from './fan-out/websocket-format.js';
export { opcodes } from './fan-out/websocket-frame.js';
export {
  type ChannelNotice,
  PayloadItem,
  Publication,
  type PublicationEncoder,
  type StreamItem,
  type WireFormat,
} from './fan-out/wire-format.js';
export { createHub, type Hub, type HubOptions } from './hub.js';
export type { JoinRequests, Snapshots, SubscribeOptions } from './join.js';
export { createTurns, type Turns } from './turns.js';
export { BacklogFull, createWorkSlots } from './work-slots.js';
