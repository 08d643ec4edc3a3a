import { type Alert, type AlertWish, alertKey, maxAlerts } from './alert.js';
import type { PriceState } from './symbol-state.js';

/** The viewer's alerts, and what decides when one fires: once for each crossing, and not again until it is armed. */
export interface AlertBook {
  /** Newest first. */
  readonly alerts: readonly Alert[];
  /** A known alert is armed again. Returns false if there are too many. */
  add(wish: AlertWish): boolean;
  remove(key: string): void;
  rearm(key: string): void;
  /** Replaces all alerts by those that another tab saved. */
  replace(alerts: readonly Alert[]): void;
  /** A present price, not one that was read back. */
  price(market: string, price: string): void;
  /** The price is outside of the 90 % interval that was forecast for this moment this many seconds ago. */
  interval(market: string, horizonSeconds: number, isOutside: boolean, price: string): void;
  state(market: string, state: PriceState): void;
}

export interface AlertBookOptions {
  readonly alerts: readonly Alert[];
  /** Never goes back. */
  readonly now: () => number;
  /** For labels. */
  readonly wall: () => number;
  /** `elsewhere`: it is saved already. Saved again, two tabs would answer each other for ever. */
  readonly onChange: (origin: 'here' | 'elsewhere') => void;
  readonly onFired: (alert: Alert) => void;
}

/** A shorter interruption, such as a gateway that restarts, is not worth waking anybody. */
const staleMs = 2_000;

export const createAlertBook = ({ alerts: initial, now, wall, onChange, onFired }: AlertBookOptions): AlertBook => {
  let alerts = initial;
  /** By `<venue>.<symbol>`: most prices are of markets without an alert. */
  const byMarket = new Map<string, Alert[]>();
  const staleSince = new Map<string, number>();

  const set = (next: readonly Alert[]): void => {
    alerts = next;
    byMarket.clear();
    for (const alert of alerts) {
      const market = `${alert.venue}.${alert.symbol}`;
      byMarket.set(market, [...(byMarket.get(market) ?? []), alert]);
    }
  };
  const put = (alert: Alert): void => {
    const key = alertKey(alert);
    set(alerts.map((known) => (alertKey(known) === key ? alert : known)));
    onChange('here');
  };

  const look = (alert: Alert, isBeyond: boolean, price?: string): void => {
    if (alert.state === 'waiting' && !isBeyond) put({ ...alert, state: 'ready' });
    if (alert.state !== 'ready' || !isBeyond) return;
    const fired: Alert = {
      ...alert,
      state: 'fired',
      firedAt: wall(),
      ...(price !== undefined && { firedPrice: price }),
    };
    put(fired);
    onFired(fired);
  };

  const armed = ({ kind, venue, symbol, price, horizonSeconds }: AlertWish): Alert => ({
    kind,
    venue,
    symbol,
    state: 'waiting',
    ...(price !== undefined && { price }),
    ...(horizonSeconds !== undefined && { horizonSeconds }),
  });

  set(initial);
  return {
    get alerts() {
      return alerts;
    },
    add(wish) {
      const key = alertKey(wish);
      const others = alerts.filter((alert) => alertKey(alert) !== key);
      if (others.length >= maxAlerts) return false;
      set([armed(wish), ...others]);
      onChange('here');
      return true;
    },
    remove(key) {
      set(alerts.filter((alert) => alertKey(alert) !== key));
      onChange('here');
    },
    rearm(key) {
      const alert = alerts.find((known) => alertKey(known) === key);
      if (alert !== undefined) put(armed(alert));
    },
    replace(next) {
      set(next);
      onChange('elsewhere');
    },
    price(market, price) {
      for (const alert of byMarket.get(market) ?? []) {
        if (alert.kind === 'above') look(alert, Number(price) >= Number(alert.price), price);
        if (alert.kind === 'below') look(alert, Number(price) <= Number(alert.price), price);
      }
    },
    interval(market, horizonSeconds, isOutside, price) {
      for (const alert of byMarket.get(market) ?? []) {
        if (alert.kind === 'interval' && alert.horizonSeconds === horizonSeconds) look(alert, isOutside, price);
      }
    },
    state(market, state) {
      if (state === 'waiting') return;
      if (state === 'live') staleSince.delete(market);
      else if (!staleSince.has(market)) staleSince.set(market, now());
      const isStale = now() - (staleSince.get(market) ?? Number.POSITIVE_INFINITY) >= staleMs;
      // In between nothing is known.
      if (state !== 'live' && !isStale) return;
      for (const alert of byMarket.get(market) ?? []) if (alert.kind === 'stale') look(alert, isStale);
    },
  };
};
