import { createExchangeFeed, type ExchangeFeedStatus, type VenueName } from '@tickwire/market';
import { createManualClock, type ManualClock } from '@tickwire/protocol/testing';
import { createFakeExchange } from './fake-exchange.js';
import type { FakeExchange } from './fake-exchange-types.js';
import { fakeDialects, fakeSymbols } from './fake-venues.js';
import { planFaults, runPlan } from './fault-plan.js';
import { createFeedRecord, type FeedRecord } from './feed-record.js';
import { inMemory } from './in-memory.js';
import { seededRandom } from './seams.js';

export interface FaultRun {
  readonly exchange: FakeExchange;
  readonly record: FeedRecord;
  readonly status: ExchangeFeedStatus;
  readonly clock: ManualClock;
  /** Most events of one symbol held back at any time would show here. */
  readonly plan: string;
  /** What is wrong, in words; empty if nothing is. */
  readonly wrong: readonly string[];
}

/** One seeded schedule of faults against a fake exchange, in virtual time. */
export const runFaults = async (venue: VenueName, seed: number): Promise<FaultRun> => {
  const random = seededRandom(seed);
  const clock = createManualClock();
  const symbols = fakeSymbols[venue].map(({ symbol }) => symbol);
  const exchange = createFakeExchange({ dialect: fakeDialects[venue], clock, random, symbols: fakeSymbols[venue] });
  for (const symbol of symbols) exchange.trade(symbol, 3);
  const hasRestFaults = seed % 2 === 1;
  const plan = planFaults(random, hasRestFaults);
  const record = createFeedRecord();
  const feed = createExchangeFeed({ venue, symbols, clock, random, ...inMemory(exchange, clock, random) });
  const starting = feed.start(record.onEvents);
  await runPlan(plan, { exchange, clock, random, symbols });
  await starting;
  const status = feed.status();
  const wrong = [...exchange.violations];
  for (const symbol of symbols) {
    wrong.push(...record.faultsOf(symbol, exchange).map((fault) => `${symbol}: ${fault}`));
    if (record.state(symbol) !== 'live') wrong.push(`${symbol} ends ${record.state(symbol)}`);
    if (!hasRestFaults && record.gaps(symbol).length > 0) wrong.push(`${symbol} has a gap that could be filled`);
  }
  await feed.close();
  const reported = record.events.length;
  const left = clock.pending;
  clock.advance(600_000);
  if (record.events.length > reported) wrong.push('events after close');
  if (clock.pending > 0) wrong.push(`${left} timers at close, ${clock.pending} still there ten minutes later`);
  const described = plan.steps.map(({ atMs, name, forMs }) => `${name}@${atMs}+${forMs}`).join(' ');
  return { exchange, record, status, clock, plan: described, wrong };
};
