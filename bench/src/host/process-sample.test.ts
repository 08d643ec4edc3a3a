import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { waitFor } from '../../../tests/support/wait-for.js';
import { processTree, sampleProcess } from './process-sample.js';

describe('processTree', () => {
  test('[BN47] holds the processes that a process started', async () => {
    if (!existsSync('/proc/self/task')) return;
    const script = "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])";
    const parent = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000)`]);
    const pid = parent.pid as number;
    try {
      await waitFor('the process below', () => processTree(pid).length === 2);
      const [, below = 0] = processTree(pid);
      expect(processTree(below)).toEqual([below]);
      const own = sampleProcess(below).cpuSeconds ?? 0;
      expect(sampleProcess(pid).cpuSeconds).toBeGreaterThanOrEqual(own);
    } finally {
      for (const each of [...processTree(pid)].reverse()) process.kill(each, 'SIGKILL');
      await once(parent, 'exit');
    }
  });

  test('[BN47] knows nothing of a process that is not there', () => {
    expect(sampleProcess(0x7fffffff)).toEqual({ cpuSeconds: undefined, writeCalls: undefined });
  });
});
