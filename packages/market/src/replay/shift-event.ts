import type { FeedEvent } from '../feed.js';

/** The same event, `byMs` later by both clocks. */
export const shiftEvent = (event: FeedEvent, byMs: number): FeedEvent => {
  switch (event.kind) {
    case 'trade':
      return { kind: 'trade', trade: later(event.trade, byMs) };
    case 'quote':
      return { kind: 'quote', quote: later(event.quote, byMs) };
    case 'stats':
      return { kind: 'stats', stats: later(event.stats, byMs) };
    case 'gap':
      return { kind: 'gap', gap: { ...event.gap, rts: event.gap.rts + byMs } };
    case 'state':
      return { kind: 'state', state: { ...event.state, rts: event.state.rts + byMs } };
    case 'end':
      return event;
  }
};

const later = <T extends { readonly ts: number; readonly rts: number }>(message: T, byMs: number): T => ({
  ...message,
  ts: message.ts + byMs,
  rts: message.rts + byMs,
});
