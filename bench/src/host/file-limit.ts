import { readFileSync } from 'node:fs';

/** What a process needs beside its clients: pipes, Redis, the epoll set, what the runtime has open. */
const reserve = 64;

/** How many clients one process can hold with the descriptors it may open; Infinity where that cannot be known. */
export const maxClientsHere = (): number => {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) - reserve;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};
