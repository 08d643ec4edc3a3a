import { serveCommands } from '../process/serve-commands.js';
import { createBenchClock } from '../wire/clock.js';
import { openCentrifugoOutlet } from './centrifugo-outlet.js';
import type { OpenRequest, PublisherCommands } from './commands.js';
import { openHistoryOutlet } from './history-outlet.js';
import type { Outlet } from './outlet.js';
import { openChannelsOutlet, openJsonOutlet } from './plain-outlet.js';
import { createSchedulePublisher, type SchedulePublisher } from './publisher.js';
import { openSocketIoOutlet } from './socket-io-outlet.js';

/** The publisher's process: `node main.js <clock offset in ms>`, which takes its commands over the IPC channel. */
const now = createBenchClock(Number(process.argv[2]));
let outlet: Outlet | undefined;
let publisher: SchedulePublisher | undefined;

const openOutlet = ({ form, redisUrl, channels }: OpenRequest): Promise<Outlet> => {
  switch (form) {
    case 'history':
      return openHistoryOutlet(redisUrl);
    case 'json':
      return openJsonOutlet(redisUrl);
    case 'channels':
      return openChannelsOutlet(redisUrl);
    case 'socket.io':
      return openSocketIoOutlet(redisUrl);
    case 'centrifugo':
      return openCentrifugoOutlet(redisUrl, channels);
  }
};

const commands: PublisherCommands = {
  async open(request) {
    outlet = await openOutlet(request);
    publisher = createSchedulePublisher(outlet, request.channels, now);
  },
  async start(request) {
    if (publisher === undefined) throw new Error('not open');
    publisher.start(request);
  },
  async stop() {
    if (publisher === undefined) throw new Error('not open');
    return publisher.stop();
  },
  async close() {
    await outlet?.close();
  },
};

serveCommands(commands);
