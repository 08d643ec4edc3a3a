import type { BarInterval } from '@tickwire/protocol';
import { selectRoute } from './data/selection.js';
import type { SymbolsAnswer } from './data/symbols.js';
import type { PreferenceStore } from './model/preferences.js';
import type { Problem } from './model/problem.js';
import { isSameMarket, type MarketName, type Route, routeHash, withCharts, withFirst } from './model/route.js';
import type { Announcer } from './view/announcer.js';

export interface NavigationOptions {
  readonly preferences: PreferenceStore;
  readonly announcer: Announcer;
  readonly onRoute: (route: Route) => void;
  /** Called after each decision, whatever it was. */
  readonly onDecided: () => void;
}

/** Which markets the page shows, as the fragment of its address says. */
export interface Navigation {
  /** Undefined before the server has answered. */
  readonly symbols: SymbolsAnswer | undefined;
  /** What is wrong with the address. */
  readonly problem: Problem | undefined;
  setSymbols(answer: SymbolsAnswer): void;
  /** Shows the market in the first chart. */
  open(market: MarketName): void;
  setInterval(interval: BarInterval): void;
  closeBeside(market: MarketName): void;
  /** Shows this number of charts; `candidates` are the markets for new ones, best first. */
  setCharts(charts: number, candidates: readonly MarketName[]): void;
  /** Reads the address again. */
  decide(): void;
}

export const createNavigation = (options: NavigationOptions): Navigation => {
  const { preferences, announcer, onRoute, onDecided } = options;
  let symbols: SymbolsAnswer | undefined;
  let problem: Problem | undefined;
  let shown: Route | undefined;

  const go = (route: Route): void => {
    if (location.hash !== routeHash(route)) location.hash = routeHash(route);
  };

  const show = (route: Route): void => {
    shown = route;
    const hash = routeHash(route);
    // Not a step of its own for the Back button.
    if (location.hash !== hash) history.replaceState(null, '', hash);
    onRoute(route);
    const { venue, symbol, interval } = route;
    preferences.set({ venue, symbol, interval });
  };

  return {
    get symbols() {
      return symbols;
    },
    get problem() {
      return problem;
    },
    setSymbols(answer) {
      symbols = answer;
    },
    open({ venue, symbol }) {
      const { interval } = preferences.value;
      go(shown === undefined ? { venue, symbol, interval } : withFirst(shown, { venue, symbol }));
    },
    setInterval(interval) {
      preferences.set({ interval });
      if (shown !== undefined) go({ ...shown, interval });
    },
    closeBeside(market) {
      const others = shown?.beside?.filter((each) => !isSameMarket(each, market)) ?? [];
      if (shown !== undefined) go({ ...shown, beside: others });
    },
    setCharts(charts, candidates) {
      if (shown !== undefined) go(withCharts(shown, charts, candidates));
    },
    decide() {
      const known = symbols?.kind === 'symbols' ? symbols.symbols : undefined;
      const selection = selectRoute(location.hash, preferences.value, known);
      problem = selection.kind === 'problem' ? selection.problem : undefined;
      if (problem !== undefined) announcer.say(`${problem.title}. ${problem.text}`, 'address');
      if (selection.kind === 'route') show(selection.route);
      onDecided();
    },
  };
};
