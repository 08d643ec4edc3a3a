import { cProgram, missingProgram } from '../peers/built-programs.js';
import type { Child, Children } from '../process/children.js';
import { channelNameOf } from '../wire/tick-payload.js';

const silentProgram = cProgram('silent');
const followed = 20;
/** Longer than a gateway waits for one who takes no bytes, so that some are closed by it and others leave before. */
const staysMs = [15_000, 45_000] as const;

export interface SilentClientsOptions {
  readonly children: Children;
  readonly cores: readonly number[] | undefined;
  readonly port: number;
  readonly count: number;
}

/** Clients that never read: all leave together, and others come. */
export interface SilentClients {
  /** Why there are none here. */
  readonly missing: string | undefined;
  /** Lets them come, and go when their time is over. Called again and again. */
  turn(): Promise<void>;
  close(): Promise<void>;
}

export const createSilentClients = ({ children, cores, port, count }: SilentClientsOptions): SilentClients => {
  const missing = missingProgram(silentProgram);
  const names = Array.from({ length: followed }, (_, channel) => channelNameOf(channel));
  let child: Child | undefined;
  let leavesAt = 0;
  let turns = 0;
  return {
    missing,
    async turn() {
      if (missing !== undefined || performance.now() < leavesAt) return;
      await child?.kill();
      const path = `/ws/prediction/?channels=${names.join(',')}`;
      const args = [String(port), String(count), path];
      child = children.start({ name: 'silent clients', command: silentProgram.file(), args, cores });
      await child.wrote(/connected/);
      leavesAt = performance.now() + (staysMs[turns % staysMs.length] ?? 0);
      turns += 1;
    },
    async close() {
      await child?.kill();
      child = undefined;
    },
  };
};
