import { createMessageCodec } from '@tickwire/channel-layer';
import { Redis } from 'ioredis';
import { channelNameOf, tickWithChannel } from '../wire/tick-payload.js';
import type { ChannelTick, Outlet } from './outlet.js';

/** `PUBLISH` in pipelines, each after the answer to the one before. */
const openPipelineOutlet = async (
  redisUrl: string,
  addressOf: (channel: number) => string,
  encode: (tick: ChannelTick) => Buffer,
): Promise<Outlet> => {
  const redis = new Redis(redisUrl);
  await redis.ping();
  return {
    async publish(ticks) {
      const pipeline = redis.pipeline();
      for (const tick of ticks) pipeline.publish(addressOf(tick.channel), encode(tick));
      await pipeline.exec();
    },
    async close() {
      redis.disconnect();
    },
  };
};

export const openJsonOutlet = (redisUrl: string): Promise<Outlet> =>
  openPipelineOutlet(redisUrl, channelNameOf, ({ channel, message }) =>
    Buffer.from(JSON.stringify(tickWithChannel(channel, message))),
  );

/** The bytes and addresses of channels_redis' pubsub layer. The channel is a field: a Channels consumer adds none. */
export const openChannelsOutlet = (redisUrl: string): Promise<Outlet> => {
  const codec = createMessageCodec();
  return openPipelineOutlet(
    redisUrl,
    (channel) => `asgi__group__${channelNameOf(channel)}`,
    ({ channel, message }) => Buffer.from(codec.encode(tickWithChannel(channel, message))),
  );
};
