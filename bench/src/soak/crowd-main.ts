import { serveCommands } from '../process/serve-commands.js';
import type { CrowdCommands } from './commands.js';
import { type Crowd, createCrowd } from './crowd.js';

/** The process of the clients, which takes its commands over the IPC channel. */
let crowd: Crowd | undefined;

const theCrowd = (): Crowd => {
  if (crowd === undefined) throw new Error('not open');
  return crowd;
};

const until = async (isSo: () => boolean, limitMs: number): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!isSo() && performance.now() < deadline) await new Promise((go) => setTimeout(go, 20));
};

const commands: CrowdCommands = {
  open(request) {
    crowd = createCrowd(request);
    return crowd.open();
  },
  async churn(leavesPerSecond) {
    theCrowd().churn(leavesPerSecond);
  },
  async stay(limitMs) {
    theCrowd().stay();
    await until(() => theCrowd().isComplete(), limitMs);
  },
  async counts() {
    return theCrowd().counts();
  },
  async settle(published, limitMs) {
    await until(() => theCrowd().missing(published) === 0, limitMs);
    return theCrowd().missing(published);
  },
  async leave() {
    theCrowd().close();
  },
};

serveCommands(commands);
