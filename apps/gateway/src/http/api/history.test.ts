import { afterEach, expect, test } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, type History } from '@tickwire/channel-layer';
import { createHub, type Hub } from '@tickwire/hub';
import { createReadTurns } from '../../limits/read-turns.js';
import { createTurnBudget, type TurnBudget } from '../../timing/turn-budget.js';
import { historyHandler } from './history.js';

const channelCount = 20;
const kept = 200;
const pageSize = 50;
const messageBytes = 100;
const perTurn = 16_384;
const channels = Array.from({ length: channelCount }, (_, index) => `trade.sim.S${index}-USD`);

let hub: Hub;
afterEach(() => hub.close());

/** Sums by turn of the event loop. */
const createTurnSums = () => {
  let turn = 0;
  let timer = setImmediate(count);
  function count(): void {
    turn += 1;
    timer = setImmediate(count);
  }
  const sums = { decoded: new Map<number, number>(), encoded: new Map<number, number>() };
  return {
    add: (kind: keyof typeof sums, amount: number) => sums[kind].set(turn, (sums[kind].get(turn) ?? 0) + amount),
    most: (kind: keyof typeof sums) => Math.max(...sums[kind].values()),
    stop: () => clearImmediate(timer),
  };
};

test('[GL50] a thousand requests for all of history do little in any one turn of the event loop', async () => {
  const layer = createMemoryLayer();
  const history = createMemoryHistory({ publish: () => {} });
  for (const group of channels) {
    const messages = Array.from({ length: kept }, (_, index) => ({
      type: 'price.trade',
      seq: index + 1,
      epoch: 'e1',
      text: 'x'.repeat(messageBytes),
    }));
    await history.append([{ group, epoch: 'e1', firstSeq: 1, messages }], 1);
  }
  const sums = createTurnSums();
  const watched: History = {
    ...history,
    async read(group, range) {
      const answer = await history.read(group, range);
      sums.add('decoded', answer.messages.length);
      return answer;
    },
  };
  hub = createHub({ source: { layer, history: watched } });
  const real = createTurnBudget({ perTurn });
  const budget: TurnBudget = {
    each: (items, work) =>
      real.each(items, (item) => {
        const bytes = work(item);
        sums.add('encoded', bytes);
        return bytes;
      }),
  };
  const turns = createReadTurns({ maxWaiting: 1_000, maxOfAddress: 1_000, onRefused: () => {} });
  const handler = historyHandler({ hub, catalog: { knows: () => true }, budget });
  const ask = (channel: string) => ({
    query: new URLSearchParams({ channel, limit: '1000' }),
    header: () => undefined,
    address: '192.0.2.1',
    body: undefined,
    answered: Promise.resolve(),
  });
  const asked = Array.from({ length: 1_000 }, (_, index) => channels[index % channelCount] ?? '');
  const answers = await Promise.all(
    asked.map(async (channel) => {
      const { body } = await turns.run('192.0.2.1', async () => handler(ask(channel)));
      return (body as Uint8Array).length;
    }),
  );
  sums.stop();
  expect(Math.min(...answers)).toBeGreaterThan(kept * messageBytes);
  // Four reads at a time, each a page; a turn may see the end of one share of the budget and all of the next.
  expect(sums.most('decoded')).toBeLessThanOrEqual(4 * pageSize);
  expect(sums.most('encoded')).toBeLessThan(2 * perTurn);
  await layer.close();
});
