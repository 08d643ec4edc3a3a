import { LayerClosed } from '../errors.js';
import { createLayerEvents } from '../events.js';
import type { ChannelLayer, MailboxOptions } from '../mailbox/mailboxes.js';
import { createMemoryMailboxes } from '../mailbox/memory-mailboxes.js';
import { assertGroupName } from '../names.js';
import { createMemoryBus, type MemoryBus } from './memory-bus.js';

export interface MemoryLayerOptions extends MailboxOptions {
  /** Layers on one bus see each other's groups and channels, as layers on one Redis do. @default a new bus */
  readonly bus?: MemoryBus;
  /** How often further drops of a channel are reported. @default 1_000 */
  readonly eventIntervalMs?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * Channels' InMemoryChannelLayer: nothing leaves the process. Messages are encoded and checked exactly as for Redis, so
 * code that works here works there. Unlike Redis it keeps messages for an agreed channel that nobody has opened yet,
 * knows when a channel is full, and accepts any channel as a member of a group.
 * A group's message has reached every listener and mailbox when `groupSend` resolves.
 */
export const createMemoryLayer = (options: MemoryLayerOptions = {}): ChannelLayer => {
  const { bus = createMemoryBus(), eventIntervalMs = 1_000, now = () => performance.now() } = options;
  const events = createLayerEvents(eventIntervalMs);
  /** Functions that end `groupListen` subscriptions. */
  const listening = new Set<() => void>();
  let isClosed = false;

  const assertOpen = (): void => {
    if (isClosed) throw new LayerClosed();
  };

  const forgetListeners = (): void => {
    for (const undo of listening) undo();
  };

  const mailboxes = createMemoryMailboxes(options, { bus, events, forgetListeners, assertOpen, now });

  return {
    ...mailboxes.api,

    async groupSend(group, message) {
      assertOpen();
      assertGroupName(group);
      const bytes = bus.codec.encode(message);
      const nowMs = now();
      bus.sweep(nowMs);
      bus.deliver(group, bytes, nowMs);
      bus.expireAt(nowMs + mailboxes.api.expiryMs);
    },

    async groupListen(group, listener) {
      assertOpen();
      assertGroupName(group);
      const leave = bus
        .openGroup(group)
        .listen(listener, (error) => events.emit({ type: 'listener-failed', group, error }));
      const undo = (): void => {
        if (!listening.delete(undo)) return;
        leave();
        bus.closeGroup(group);
      };
      listening.add(undo);
      return async () => undo();
    },

    onEvent: events.on,

    async close() {
      if (isClosed) return;
      isClosed = true;
      forgetListeners();
      mailboxes.releaseAll(() => new LayerClosed());
      events.close();
    },
  };
};
