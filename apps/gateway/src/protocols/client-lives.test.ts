import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer } from '@tickwire/channel-layer';
import { createHub } from '@tickwire/hub';
import { createFakeTransport, lineFormat } from '@tickwire/hub/testing';
import { createClientLives, createSessionIds } from './client-lives.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const openLives = (isDebug: boolean) => {
  const lines: (readonly [Readonly<Record<string, unknown>>, string])[] = [];
  const ids = createSessionIds();
  const lives = createClientLives({
    ids,
    logger: {
      isLevelEnabled: () => isDebug,
      debug: ((details: Readonly<Record<string, unknown>>, text: string) => void lines.push([details, text])) as never,
    },
  });
  const layer = createMemoryLayer();
  const hub = createHub({ source: { layer, history: createMemoryHistory({ publish: () => {} }) } });
  return { lines, ids, lives, layer, hub, watched: lives.watch(hub) };
};

test('[E94] who falls behind, and who keeps up again, is a line each, under the id that operators see', async () => {
  const { lines, ids, lives, layer, hub } = openLives(true);
  const session = hub.openSession(createFakeTransport(), lineFormat);
  lives.opened(session, '/ws');
  session.conflate();
  jest.advanceTimersByTime(2_000);
  session.flush();
  jest.advanceTimersByTime(2_000);
  lives.closed(session, 1001);
  const id = ids.of(session);
  expect(lines).toEqual([
    [{ session: id, path: '/ws' }, 'client connected'],
    [{ session: id, waitingBytes: 0 }, 'client slow: it gets the newest only'],
    [{ session: id, waitingBytes: 0 }, 'client keeps up again'],
    [expect.objectContaining({ session: id, code: 1001, isSlow: false }), 'client gone'],
  ]);
  expect([ids.isOf(session, id), ids.isOf(session, 'another')]).toEqual([true, false]);
  lives.close();
  await hub.close();
  await layer.close();
});

test('[E94] at any other level the hub is as it was, and nothing is kept', async () => {
  const { lines, lives, layer, hub, watched } = openLives(false);
  expect(watched).toBe(hub);
  lives.opened(hub.openSession(createFakeTransport(), lineFormat), '/ws');
  expect(lines).toEqual([]);
  await hub.close();
  await layer.close();
});
