import type { GroupBatch } from '@tickwire/channel-layer';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { channelNameOf, type TickMessage } from '../wire/tick-payload.js';
import type { Outlet } from './outlet.js';

const fence = 1;

/** Publishes as the producer does: one call per batch, each after the answer to the one before. */
export const openHistoryOutlet = async (redisUrl: string): Promise<Outlet> => {
  const backend = await openRedisBackend(redisConfig({ REDIS_URL: redisUrl }), createLogger('bench', 'warn'));
  return {
    async publish(ticks) {
      const byChannel = new Map<number, TickMessage[]>();
      for (const { channel, message } of ticks) {
        const messages = byChannel.get(channel);
        if (messages === undefined) byChannel.set(channel, [message]);
        else messages.push(message);
      }
      const batches = [...byChannel].map(([channel, messages]): GroupBatch => {
        const { epoch, seq } = messages[0] as TickMessage;
        return { group: channelNameOf(channel), epoch, firstSeq: seq, messages, reset: seq === 1 };
      });
      for (const result of await backend.history.append(batches, fence)) {
        if (result.outcome !== 'appended') throw new Error(`history refused a batch: ${JSON.stringify(result)}`);
      }
    },
    close: backend.close,
  };
};
