import { createMessageCodec, createRedisHistory, type Message } from '@tickwire/channel-layer';
import { processLogin } from './limited-users.js';
import { connectRedis, scriptClientOf } from './redis-history.js';

/** The history in a producer's Redis, read without any gateway. */
export interface Published extends AsyncDisposable {
  /** Messages of a channel from `firstSeq` to `lastSeq`, as far as history has them. */
  range(channel: string, firstSeq: number, lastSeq: number): Promise<readonly Message[]>;
  /** `seq` of the newest message; 0 if there is none. */
  top(channel: string): Promise<number>;
}

export const openPublished = async (port: number): Promise<Published> => {
  const redis = await connectRedis(port, processLogin);
  const history = createRedisHistory({ client: scriptClientOf(redis), codec: createMessageCodec() });
  return {
    async range(channel, firstSeq, lastSeq) {
      const { messages } = await history.read(channel, { afterSeq: firstSeq - 1, limit: lastSeq - firstSeq + 1 });
      return messages;
    },
    async top(channel) {
      const [range] = await history.newest([channel], 0);
      return range?.position?.seq ?? 0;
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
};
