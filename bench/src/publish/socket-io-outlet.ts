import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { channelNameOf, tickWithChannel } from '../wire/tick-payload.js';
import type { Outlet } from './outlet.js';

/** Another server of the same cluster, as Socket.IO's documentation has it, with no clients of its own. */
export const openSocketIoOutlet = async (redisUrl: string): Promise<Outlet> => {
  const publisher = new Redis(redisUrl);
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.ping(), subscriber.ping()]);
  const io = new Server({ adapter: createAdapter(publisher, subscriber) });
  return {
    async publish(ticks) {
      for (const { channel, message } of ticks) {
        io.to(channelNameOf(channel)).emit('tick', tickWithChannel(channel, message));
      }
      // The adapter does not say when Redis has it; the reply to a later command on the same connection does.
      await publisher.ping();
    },
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
};
