export { binanceDialect } from './fake-binance.js';
export { coinbaseDialect } from './fake-coinbase.js';
export {
  createFakeExchange,
  type Dialect,
  type FakeExchange,
  type FakeMarket,
  type FakeSymbol,
  type FakeTrade,
  type Faults,
} from './fake-exchange.js';
export { krakenDialect } from './fake-kraken.js';
export { type FaultPlan, planFaults, runPlan } from './fault-plan.js';
export { type FaultRun, fakeDialects, fakeSymbols, runFaults } from './fault-run.js';
export { createFeedRecord, type FeedRecord } from './feed-record.js';
export { inMemory } from './in-memory.js';
export { type Random, seededRandom } from './seams.js';
export { runFor, runUntil, settle } from './virtual-time.js';
