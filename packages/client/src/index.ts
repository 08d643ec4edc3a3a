export { createCandles } from './candles.js';
export { channelsOf, type MessageOf } from './channels.js';
export { type Follower, follow } from './follow.js';
export { type ConnectionState, watchState } from './watch-state.js';
