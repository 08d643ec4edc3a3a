// Bun's own way to broadcast: a topic a channel (its WebSockets are uWebSockets), PUBLISH of Redis behind it.
// `bun server.mjs REDIS_URL CHANNEL,CHANNEL…` prints the port it listens on. A client asks for `/?channels=CHANNEL,…`.
/* global Bun */
const [redisUrl, channels] = process.argv.slice(2);

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, self) {
    const names = new URL(request.url).searchParams.get('channels') ?? '';
    if (!self.upgrade(request, { data: names.split(',') })) return new Response('no WebSocket', { status: 400 });
  },
  websocket: {
    open(socket) {
      for (const name of socket.data) socket.subscribe(name);
    },
    message() {},
  },
});

const redis = new Bun.RedisClient(redisUrl);
await redis.connect();
await redis.subscribe(channels.split(','), (message, channel) => server.publish(channel, message));
console.log(`listening ${server.port}`);
