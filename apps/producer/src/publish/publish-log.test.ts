import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory } from '@tickwire/channel-layer';
import { createLogger, StartError } from '@tickwire/runtime';
import { logAppends } from './publish-log.js';

const silent = createLogger('test', 'silent');

describe('the log of published messages', () => {
  it('[P33] has each message before it is sent, as a plain client receives it, even if it is rejected', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-publish-log-'));
    try {
      const file = join(folder, 'published');
      const noted: string[] = [];
      const memory = createMemoryHistory({
        publish: async () => void noted.push(await readFile(file, 'utf8')),
      });
      const history = logAppends(memory, file, silent);
      const message = { type: 'price.trade', id: '1', seq: 1, epoch: 'a' };
      await history.append([{ group: 'g', epoch: 'a', firstSeq: 1, messages: [message] }], 2);
      const line = '{"channel":"g","type":"price.trade","id":"1","seq":1,"epoch":"a"}\n';
      expect(noted).toEqual([line]);
      const [refused] = await history.append([{ group: 'g', epoch: 'a', firstSeq: 1, messages: [message] }], 1);
      expect(refused?.outcome).toBe('fenced');
      expect(await readFile(file, 'utf8')).toBe(line + line);
      expect((await history.newest(['g'], 1))[0]?.position).toEqual({ epoch: 'a', seq: 1 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('[P300] on a full disk the trouble is logged once, and every message is published', async () => {
    const lines: unknown[] = [];
    const logger = { warn: (...line: unknown[]) => void lines.push(line[1]), info: () => {} };
    const published: string[] = [];
    const memory = createMemoryHistory({ publish: (group) => void published.push(group) });
    const history = logAppends(memory, '/dev/full', logger);
    for (const seq of [1, 2]) {
      const messages = [{ type: 'price.trade', seq, epoch: 'a' }];
      await history.append([{ group: 'g', epoch: 'a', firstSeq: seq, messages }], 1);
    }
    expect(published).toEqual(['g', 'g']);
    expect(lines).toEqual(['PUBLISH_LOG cannot be written: it lacks what is published meanwhile']);
  });

  it('[P33] cannot be one that nobody may write: the start says which variable names it', () => {
    const open = () => logAppends(createMemoryHistory({ publish: () => {} }), tmpdir(), silent);
    expect(open).toThrow(StartError);
    expect(open).toThrow(`PUBLISH_LOG is "${tmpdir()}", but that file cannot be written: EISDIR`);
  });
});
