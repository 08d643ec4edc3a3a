import { execFileSync } from 'node:child_process';
import { type NarrowLine, startRelay } from './narrow-line.js';

/** A real line made by the kernel: a separate network namespace behind a token bucket. */
export interface ShapedLine extends NarrowLine {
  /** Where clients connect: everything then passes through the line. */
  readonly address: string;
}

const run = (command: string): void => {
  const [program = '', ...args] = command.split(' ');
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** Whether this process may create network namespaces and limit their rate: root on Linux may. */
export const hasNamespaces = (): boolean => {
  const name = `tickwire-${process.pid}-try`;
  try {
    run(`ip netns add ${name}`);
  } catch {
    return false;
  }
  try {
    run(`ip netns exec ${name} tc qdisc add dev lo root tbf rate 64kbit burst 3000 latency 300ms`);
    return true;
  } catch {
    return false;
  } finally {
    run(`ip netns del ${name}`);
  }
};

let lines = 0;

/**
 * A line with this rate towards clients, from a gateway that listens on every address. A relay in the namespace reads
 * as fast as the line delivers. Between it and the client is a second link without a limit.
 */
export const openShapedLine = async (gatewayPort: number, kbits: number): Promise<ShapedLine> => {
  lines += 1;
  const id = `${process.pid % 10_000}-${lines}`;
  const name = `tickwire-${id}`;
  // Addresses reserved for benchmarks (RFC 2544), which belong to no network.
  const net = (link: number, end: number): string => `198.18.${(process.pid + lines) % 256}.${link * 4 + end}`;
  const undo = (): void => run(`ip netns del ${name}`);
  run(`ip netns add ${name}`);
  try {
    for (const link of [0, 1]) {
      const [outer, inner] = [`tw${id}o${link}`, `tw${id}i${link}`];
      run(`ip link add ${outer} type veth peer name ${inner} netns ${name}`);
      run(`ip addr add ${net(link, 1)}/30 dev ${outer}`);
      run(`ip link set ${outer} up`);
      run(`ip netns exec ${name} ip addr add ${net(link, 2)}/30 dev ${inner}`);
      run(`ip netns exec ${name} ip link set ${inner} up`);
      if (link === 0) run(`tc qdisc add dev ${outer} root tbf rate ${kbits}kbit burst 3000 latency 300ms`);
    }
    const relay = await startRelay({
      target: { host: net(0, 1), port: gatewayPort },
      listenHost: net(1, 2),
      namespace: name,
    });
    return {
      port: relay.port,
      address: `${net(1, 2)}:${relay.port}`,
      async [Symbol.asyncDispose]() {
        await relay[Symbol.asyncDispose]();
        undo();
      },
    };
  } catch (error) {
    undo();
    throw error;
  }
};
