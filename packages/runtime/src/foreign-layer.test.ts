import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { watchForForeignLayer } from './foreign-layer.js';

type Reply = readonly [string, readonly string[]] | Error;

const open = (replies: Reply[]) => {
  const lines: unknown[] = [];
  const calls: unknown[][] = [];
  const clock = createManualClock();
  const end = watchForForeignLayer({
    layer: {
      async call(_address, command, args) {
        calls.push([command, ...args]);
        const reply = replies.shift() ?? ['0', []];
        if (reply instanceof Error) throw reply;
        return [Buffer.from(reply[0]), reply[1].map((key) => Buffer.from(key))];
      },
    },
    prefix: 'asgi',
    logger: { warn: (...line: unknown[]) => void lines.push(line) },
    after: clock.after,
  });
  const pass = async (ms: number): Promise<void> => {
    await nextTurn();
    clock.advance(ms);
    await nextTurn();
  };
  return { lines, calls, end, pass };
};

describe('a layer of another kind in the same Redis', () => {
  test('[G195] is warned of once, when its keys are seen, however late', async () => {
    const { lines, calls, pass } = open([['17', []], new Error('no answer'), ['0', ['asgi:group:prices']]]);
    for (let i = 0; i < 5; i += 1) await pass(30_000);
    expect(calls.map(([, cursor]) => cursor)).toEqual(['0', '17', '17']);
    expect(calls[0]).toEqual(['SCAN', '0', 'MATCH', 'asgi:group:*', 'COUNT', 1_000]);
    expect(lines).toEqual([[{ key: 'asgi:group:prices' }, expect.stringContaining('RedisPubSubChannelLayer')]]);
  });

  test('[G195] a process that may not look does not ask again; neither does one that has ended', async () => {
    const forbidden = open([new Error('NOPERM this user has no permissions')]);
    const ended = open([]);
    await nextTurn();
    ended.end();
    for (const { pass } of [forbidden, ended]) await pass(300_000);
    expect([forbidden.calls.length, ended.calls.length]).toEqual([1, 1]);
    expect([...forbidden.lines, ...ended.lines]).toEqual([]);
  });
});
