import { describe, expect, test } from '@jest/globals';
import { createStateLog } from './state-log.js';

describe('the log of a state', () => {
  test('[R41] logs one line when trouble begins, one now and then with a count, and one when it is over', () => {
    const lines: unknown[] = [];
    const clock = { ms: 0 };
    const log = createStateLog({
      logger: {
        warn: (details: unknown, text?: unknown) => lines.push(['warn', details, text]),
        info: (details: unknown, text?: unknown) => lines.push(['info', details, text]),
      },
      trouble: 'keys cannot be fetched',
      over: 'keys can be fetched again',
      everyMs: 1_000,
      now: () => clock.ms,
    });
    log.worked();
    for (let count = 0; count < 500; count += 1) log.failed({ status: 500 });
    expect(lines).toEqual([['warn', { status: 500, times: 1 }, 'keys cannot be fetched']]);
    clock.ms = 1_000;
    log.failed({ status: 502 });
    log.failed({ status: 503 });
    log.worked();
    log.worked();
    expect(lines.slice(1)).toEqual([
      ['warn', { status: 502, times: 500 }, 'keys cannot be fetched'],
      ['info', { times: 1 }, 'keys can be fetched again'],
    ]);
    expect(log.failures).toBe(502);
  });

  test('[R41] even trouble that comes and goes logs only one pair of lines a minute', () => {
    const lines: unknown[] = [];
    const log = createStateLog({
      logger: { warn: (details: unknown) => lines.push(details), info: (details: unknown) => lines.push(details) },
      trouble: 'a message was dropped',
      over: 'messages arrive again',
      now: () => 0,
    });
    for (let count = 0; count < 9; count += 1) {
      log.failed();
      log.worked();
    }
    expect(lines).toEqual([{ times: 1 }, { times: 0 }]);
  });
});
