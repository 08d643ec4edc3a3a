import { serveCommands } from '../process/serve-commands.js';
import { createBenchClock } from '../wire/clock.js';
import type { LoadCommands, WindowPart } from './commands.js';
import { comeBackAtOnce, type Drops, startDrops } from './drops.js';
import { createFleet, type Fleet } from './fleet.js';
import { beginWindow } from './window.js';

/** A load generator's process: `node main.js <clock offset in ms>`, which takes its commands over the IPC channel. */
const now = createBenchClock(Number(process.argv[2]));
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let fleet: Fleet | undefined;
let drops: Drops | undefined;
let endWindow: (() => WindowPart) | undefined;
let napMs = 0;
let isNapping = false;

const theFleet = (): Fleet => {
  if (fleet === undefined) throw new Error('not connected');
  return fleet;
};

/** Makes the whole process sleep between two polls of the sockets, so that they fill meanwhile. */
const nap = (): void => {
  isNapping = napMs > 0;
  if (!isNapping) return;
  Atomics.wait(sleeper, 0, 0, napMs);
  setImmediate(nap);
};

const commands: LoadCommands = {
  connect(request) {
    fleet = createFleet(request, now);
    return fleet.connect();
  },
  async begin(request) {
    napMs = request.napMs;
    if (!isNapping) nap();
    endWindow = beginWindow(theFleet(), request, now);
  },
  async end() {
    if (endWindow === undefined) throw new Error('no window was begun');
    return endWindow();
  },
  async settle(published, limitMs) {
    napMs = 0;
    const deadline = now() + limitMs;
    while (theFleet().missing(published) > 0 && now() < deadline) await new Promise((go) => setTimeout(go, 20));
    return theFleet().missing(published);
  },
  async startDrops(request) {
    drops = startDrops(theFleet(), request, now);
  },
  async stopDrops(limitMs) {
    if (drops === undefined) throw new Error('no drops were begun');
    return drops.stop(limitMs);
  },
  async leave() {
    theFleet().close();
  },
  comeBack: (request) => comeBackAtOnce(theFleet(), request, now),
  async close() {
    napMs = 0;
    fleet?.close();
    fleet = undefined;
  },
};

serveCommands(commands);
