import type { ManualClock } from '@tickwire/protocol/testing';
import type { FakeExchange } from './fake-exchange-types.js';
import type { Random } from './seams.js';
import { runUntil } from './virtual-time.js';

/** What goes wrong and when, in milliseconds from the start. */
export interface FaultPlan {
  readonly steps: readonly { readonly atMs: number; readonly name: FaultName; readonly forMs: number }[];
  readonly faultMs: number;
  /** With everything well again. */
  readonly healMs: number;
}

type Undo = (() => void) | undefined;
type Fault = (exchange: FakeExchange, random: Random, symbols: readonly string[]) => Undo;

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const hostile: readonly string[] = [
  'not json',
  '{"e":"trade"',
  '[]',
  'null',
  '{"__proto__":{"e":"trade"},"constructor":1}',
  '{"e":"trade","s":"BTCUSDT","t":"1","p":1,"q":null,"T":-1,"m":"yes"}',
  '{"type":"match","product_id":"BTC-USD","trade_id":{},"price":"NaN"}',
  '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","price":"x"}]}',
  '{"channel":"trade","type":"update","data":{"symbol":"BTC/USD"}}',
  `${'['.repeat(50_000)}`,
  `{"channel":"status","data":[{"system":${'9'.repeat(5_000)}}]}`,
];

/** Those that only concern the sockets: whatever they take, the REST interface can give back. */
const socketFaults = {
  cut: (exchange) => {
    exchange.cutAll(1006, 'cut');
    return undefined;
  },
  cutCleanly: (exchange) => {
    exchange.cutAll(1001, 'going away');
    return undefined;
  },
  halfOpen: (exchange) => {
    exchange.halfOpenAll();
    return undefined;
  },
  lose: (exchange, random) => {
    exchange.faults.loseTrades += 1 + Math.floor(random() * 8);
    return undefined;
  },
  duplicate: (exchange, random) => {
    exchange.faults.duplicateTrades += 1 + Math.floor(random() * 8);
    return undefined;
  },
  swap: (exchange, random) => {
    exchange.faults.swapTrades += 1 + Math.floor(random() * 5);
    return undefined;
  },
  stall: (exchange, random, symbols) => {
    exchange.stall(pick(random, symbols));
    return undefined;
  },
  garbage: (exchange, random) => {
    exchange.faults.garbage.push(...Array.from({ length: 3 }, () => pick(random, hostile)));
    return undefined;
  },
  ignoreSubscribes: (exchange, random) => {
    exchange.faults.ignoreSubscribes = 1 + Math.floor(random() * 3);
    exchange.cutAll(1006, 'cut');
    return () => {
      exchange.faults.ignoreSubscribes = 0;
    };
  },
  refuse: (exchange, random) => {
    const status = pick(random, [429, 503, 502]);
    exchange.faults.refuseWith = { status, ...(status === 429 && { retryAfterS: 5 }) };
    exchange.cutAll(1006, 'cut');
    return () => {
      exchange.faults.refuseWith = undefined;
    };
  },
  deaf: (exchange) => {
    exchange.faults.isDeaf = true;
    exchange.cutAll(1006, 'cut');
    return () => {
      exchange.faults.isDeaf = false;
    };
  },
  shutdown: (exchange) => {
    exchange.announceShutdown();
    return undefined;
  },
} as const satisfies Record<string, Fault>;

const restFaults = {
  restDown: (exchange) => setRest(exchange, 'down'),
  restLimited: (exchange) => setRest(exchange, 'limited'),
  restHanging: (exchange) => setRest(exchange, 'hanging'),
  restBroken: (exchange) => setRest(exchange, 'broken'),
  forget: (exchange, random, symbols) => {
    // Lost on the stream and never known to the archive: only a gap can show it.
    const symbol = pick(random, symbols);
    const next = (exchange.truth(symbol).at(-1)?.id ?? 0) + 1;
    exchange.faults.forgotten.add(`${symbol}#${next}`);
    exchange.faults.loseTrades += 2;
    return undefined;
  },
} as const satisfies Record<string, Fault>;

const setRest = (exchange: FakeExchange, state: 'down' | 'limited' | 'hanging' | 'broken'): Undo => {
  exchange.faults.rest = state;
  return () => {
    exchange.faults.rest = 'fine';
  };
};

const allFaults: Readonly<Record<string, Fault>> = { ...socketFaults, ...restFaults };
type FaultName = keyof typeof socketFaults | keyof typeof restFaults;

/** One to nine faults in a minute, then time to recover from the worst of them. `hasRestFaults` false: nothing need stay missing. */
export const planFaults = (random: Random, hasRestFaults: boolean): FaultPlan => {
  const names = [...Object.keys(socketFaults), ...(hasRestFaults ? Object.keys(restFaults) : [])] as FaultName[];
  const faultMs = 60_000;
  const steps = Array.from({ length: 1 + Math.floor(random() * 9) }, () => ({
    atMs: Math.floor(random() * faultMs),
    name: pick(random, names),
    forMs: 500 + Math.floor(random() * 12_000),
  }));
  return { steps: steps.sort((a, b) => a.atMs - b.atMs), faultMs, healMs: 110_000 };
};

export interface RunPlanOptions {
  readonly exchange: FakeExchange;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly symbols: readonly string[];
}

/** Trades at random times, faults as planned; at the end a quiet quarter of a minute in which the last things settle. */
export const runPlan = async (plan: FaultPlan, { exchange, clock, random, symbols }: RunPlanOptions): Promise<void> => {
  const startMs = clock.now();
  const endMs = startMs + plan.faultMs + plan.healMs;
  const undos: (() => void)[] = [];

  const second = (): void => {
    exchange.second();
    undos.push(clock.after(1_000, second));
  };
  const trade = (): void => {
    if (clock.now() > endMs - 15_000) return;
    const symbol = pick(random, symbols);
    exchange.trade(symbol, random() < 0.1 ? 5 : 1);
    if (random() < 0.5) exchange.quote(symbol);
    clock.after(Math.floor(random() * 1_600), trade);
  };
  clock.after(1_000, second);
  clock.after(100, trade);
  for (const { atMs, name, forMs } of plan.steps) {
    clock.after(atMs, () => {
      const undo = allFaults[name]?.(exchange, random, symbols);
      if (undo) clock.after(forMs, undo);
    });
  }
  clock.after(plan.faultMs + 12_500, () => Object.assign(exchange.faults, well));
  await runUntil(clock, endMs);
  for (const undo of undos) undo();
};

const well = {
  refuseWith: undefined,
  isDeaf: false,
  ignoreSubscribes: 0,
  loseTrades: 0,
  swapTrades: 0,
  duplicateTrades: 0,
  rest: 'fine',
};
