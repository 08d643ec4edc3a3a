import type { TickwireProcess } from '../support/tickwire-process.js';
import type { Deployment } from './deployment.js';
import type { Member } from './member.js';
import type { Fault } from './plan.js';

/** Brings the fault about; resolves once it is over and what it ended runs again. */
export const inflict = async (fault: Fault, deployment: Deployment): Promise<void> => {
  const { redis, gateways, producers } = deployment;
  const gateway = (index: number): Member => gateways[index] as Member;
  switch (fault.kind) {
    case 'gateway-kill':
      return restart(gateway(fault.index), 'SIGKILL', fault.downMs);
    case 'gateway-term':
      return restart(gateway(fault.index), 'SIGTERM', fault.downMs);
    case 'leader-kill':
      return restart(await deployment.leader(), 'SIGKILL', fault.downMs);
    case 'leader-term':
      return restart(await deployment.leader(), 'SIGTERM', fault.downMs);
    case 'stop-gateway':
      return stop(gateway(fault.index).process, fault.downMs);
    case 'stop-leader':
      return stop((await deployment.leader()).process, fault.downMs);
    case 'stop-standby': {
      const leader = await deployment.leader();
      const standby = producers.find((producer) => producer !== leader) as Member;
      return stop(standby.process, fault.downMs);
    }
    case 'stop-redis':
      process.kill(redis.pid, 'SIGSTOP');
      await pause(fault.downMs);
      process.kill(redis.pid, 'SIGCONT');
      return;
    case 'redis-restart':
      await redis.stop(fault.signal);
      await pause(fault.downMs);
      return redis.start();
    case 'client-kill':
      await deployment.admin.call('CLIENT', 'KILL', 'TYPE', fault.type);
      return;
    case 'link-cut': {
      const link = deployment.link(fault.link);
      link.set({ kind: 'refusing' });
      link.cut();
      await pause(fault.downMs);
      return link.set({ kind: 'open' });
    }
    case 'link-hang': {
      const link = deployment.link(fault.link);
      link.set({ kind: 'hanging' });
      await pause(fault.downMs);
      return link.set({ kind: 'open' });
    }
    case 'link-slow': {
      const link = deployment.link(fault.link);
      link.set({ kind: 'slow', bytesPerSecond: fault.bytesPerSecond });
      await pause(fault.downMs);
      return link.set({ kind: 'open' });
    }
    case 'rolling-restart':
      for (const each of gateways) await restart(each, 'SIGTERM', 0);
  }
};

const restart = async (member: Member, signal: NodeJS.Signals, downMs: number): Promise<void> => {
  await member.process.stop(signal);
  await pause(downMs);
  await member.start();
};

const stop = async (process: TickwireProcess, downMs: number): Promise<void> => {
  process.kill('SIGSTOP');
  await pause(downMs);
  process.kill('SIGCONT');
};

/** The length of a fault is drawn from the seed: nothing is waited for. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
