import { readFileSync } from 'node:fs';

/** So few that they hold nobody up: loopback has some 28,000 ports. */
const fewPorts = 1_000;
const everyMs = 500;
/** Linux keeps a port in TIME_WAIT for 60 s. */
const limitMs = 65_000;

/** Ports that earlier connections still hold (TIME_WAIT); undefined where that cannot be known. */
export const waitingPortsIn = (sockstat: string): number | undefined => {
  const found = /^TCP: .*\btw (\d+)/m.exec(sockstat)?.[1];
  return found === undefined ? undefined : Number(found);
};

export interface PortWait {
  /** The kernel's counts of sockets. */
  read(): string | undefined;
  sleep(ms: number): Promise<void>;
}

const ofThisHost: PortWait = {
  read() {
    try {
      return readFileSync('/proc/net/sockstat', 'utf8');
    } catch {
      return undefined;
    }
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Resolves when earlier connections no longer hold up `connect()` in the generator, or after a minute. Returns how long
 * it took, in milliseconds.
 */
export const waitForPorts = async ({ read, sleep }: PortWait = ofThisHost): Promise<number> => {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    const waiting = waitingPortsIn(read() ?? '') ?? 0;
    if (waiting <= fewPorts || waitedMs >= limitMs) return waitedMs;
    await sleep(everyMs);
  }
};
