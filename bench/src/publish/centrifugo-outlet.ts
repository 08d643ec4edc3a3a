import { Redis } from 'ioredis';
import { channelNameOf, tickEpoch, tickWithChannel } from '../wire/tick-payload.js';
import type { Outlet } from './outlet.js';

/** The commands of the script of Centrifugo's Redis broker for a publication with history and nothing else. */
const script = `
local epoch = redis.call('hget', KEYS[2], 'e')
local offset = redis.call('hincrby', KEYS[2], 's', 1)
redis.call('expire', KEYS[2], ARGV[3])
if offset == 1 then
  redis.call('del', KEYS[1])
end
redis.call('xadd', KEYS[1], 'MAXLEN', ARGV[2], offset, 'd', ARGV[1])
redis.call('expire', KEYS[1], ARGV[3])
redis.call('publish', ARGV[4], '__p1:' .. offset .. ':' .. epoch .. '__' .. ARGV[1])
return offset
`;
const historySize = 10_000;
const historySeconds = 3_600;
/** The tag of `data` in a `Publication` of its protocol: field 4, bytes. */
const dataTag = 0x22;

/** As a server of Centrifugo publishes, one call of its script a publication, in pipelines. */
export const openCentrifugoOutlet = async (redisUrl: string, channels: number): Promise<Outlet> => {
  const redis = new Redis(redisUrl);
  // The server makes an epoch of its own for a channel that has none when somebody subscribes.
  for (let channel = 0; channel < channels; channel += 1) {
    await redis.hset(`centrifuge.stream.meta.${channelNameOf(channel)}`, 'e', tickEpoch, 's', 0);
  }
  const sha = String(await redis.script('LOAD', script));
  return {
    async publish(ticks) {
      const pipeline = redis.pipeline();
      for (const { channel, message } of ticks) {
        const name = channelNameOf(channel);
        const keys = [`centrifuge.stream.${name}`, `centrifuge.stream.meta.${name}`];
        const publication = publicationOf(JSON.stringify(tickWithChannel(channel, message)));
        const more = [historySize, historySeconds, `centrifuge.client.${name}`];
        pipeline.evalsha(sha, keys.length, ...keys, publication, ...more);
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    },
    async close() {
      redis.disconnect();
    },
  };
};

const publicationOf = (json: string): Buffer => {
  const data = Buffer.from(json);
  const length = data.length < 0x80 ? [data.length] : [(data.length & 0x7f) | 0x80, data.length >> 7];
  return Buffer.concat([Buffer.from([dataTag, ...length]), data]);
};
