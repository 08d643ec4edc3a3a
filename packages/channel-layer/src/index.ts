export type { AppendResult, GroupBatch, GroupPosition, History, HistoryRange, Lease } from './history.js';
export type { ChannelLayer, GroupListener, LayerEvent, Message, Unsubscribe } from './layer.js';
