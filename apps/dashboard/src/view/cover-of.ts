import type { ConnectionState } from '../data/live-client.js';
import type { SymbolsAnswer } from '../data/symbols.js';
import type { Problem } from '../model/problem.js';
import type { Cover } from './cover-view.js';

export interface CoverFacts {
  readonly state: ConnectionState;
  readonly symbols: SymbolsAnswer | undefined;
  /** What is wrong with the request: no such symbol, or an address that names nothing. */
  readonly problem: Problem | undefined;
  readonly symbol: string | undefined;
  readonly candles: number;
  /** The server has answered for this symbol. */
  readonly isAnswered: boolean;
  readonly isOnline: boolean;
  /** The server has lost what its prices come from. */
  readonly isSourceAway: boolean;
  /** How long the page has waited for it. */
  readonly waitedMs: number;
  readonly onRetry: () => void;
}

/** Shorter waits need no explanation. */
const patienceMs = 1_500;
/** A connection that has not opened for this long, beside answers to requests, is more than slow. */
const blockedMs = 5_000;

/** Prices that were drawn stay in sight whatever happens to the connection. */
export const coverOf = (facts: CoverFacts): Cover => {
  const { state, symbols, problem, symbol, candles, isAnswered, isOnline, isSourceAway, waitedMs, onRetry } = facts;
  if (problem !== undefined) return { kind: 'problem', problem, onRetry };
  if (candles > 0) return { kind: 'none' };
  if (state.name === 'refused') return { kind: 'problem', problem: state.problem, onRetry };
  if (waitedMs < patienceMs) return { kind: 'loading' };
  if (!isOnline) {
    return waiting('You are offline', 'Prices will appear by themselves once this device is connected again.');
  }
  if (state.name === 'connecting' && symbols?.kind === 'symbols' && waitedMs >= blockedMs) {
    return waiting(
      'No live connection',
      `${state.reason}. The server has answered, but no WebSocket to it opens: a proxy or firewall may be in the way. This page keeps trying.`,
    );
  }
  if (state.name !== 'live') {
    return waiting('The server does not answer', `${state.reason}. This page keeps trying and will start by itself.`);
  }
  if (isSourceAway) {
    return waiting(
      'No prices right now',
      'The server cannot reach the source of its prices. This page keeps trying and will start by itself.',
    );
  }
  if (symbols?.kind === 'none') {
    return waiting(
      'No prices yet',
      'The server is up, but nothing feeds it. Start a producer, and this page will follow.',
    );
  }
  if (symbols === undefined) {
    return waiting('Slow connection', 'The list of markets is on its way. This page keeps trying.');
  }
  if (symbol !== undefined && !isAnswered) {
    return waiting(
      'Slow connection',
      `The server has not answered for ${symbol} yet. It will be drawn as soon as it does.`,
    );
  }
  return waiting(
    symbol === undefined ? 'No prices yet' : `No trade of ${symbol} yet`,
    'The server has none to show. The first one will be drawn the moment it happens.',
  );
};

const waiting = (title: string, text: string): Cover => ({ kind: 'waiting', title, text });
