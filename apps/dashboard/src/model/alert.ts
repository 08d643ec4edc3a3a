import { isSymbol, isVenue } from '@tickwire/protocol';

const alertKinds = ['above', 'below', 'interval', 'stale'] as const;
export type AlertKind = (typeof alertKinds)[number];

/**
 * `waiting`: its condition holds already, or nothing is known yet; first the opposite must be seen. `ready`: the next
 * crossing fires it. `fired`: it holds still until it is armed again.
 */
const alertStates = ['waiting', 'ready', 'fired'] as const;
export type AlertState = (typeof alertStates)[number];

/** What a viewer wants to be notified of. */
export interface AlertWish {
  readonly kind: AlertKind;
  readonly venue: string;
  readonly symbol: string;
  /** For `above` and `below`. */
  readonly price?: string;
  /** For `interval`: how far ahead the forecast was made. */
  readonly horizonSeconds?: number;
}

export interface Alert extends AlertWish {
  readonly state: AlertState;
  /** Set once it has fired. */
  readonly firedAt?: number;
  readonly firedPrice?: string;
}

/** Two alerts of one key are the same alert. */
export const alertKey = ({ kind, venue, symbol, price, horizonSeconds }: AlertWish): string =>
  [kind, venue, symbol, price ?? horizonSeconds ?? ''].join(' ');

export const maxAlerts = 50;
export const alertsKey = 'tickwire-alerts';

/** What storage holds, of which only what is an alert is taken: another version, or another page, may have written it. */
export const readAlerts = (text: string | null): readonly Alert[] => {
  try {
    const saved: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(saved)) return [];
    const alerts = saved.slice(0, maxAlerts).flatMap((each) => alertOf(each) ?? []);
    return [...new Map(alerts.map((alert) => [alertKey(alert), alert])).values()];
  } catch {
    return [];
  }
};

const isPrice = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{1,20}(\.\d{1,20})?$/.test(value) && Number(value) > 0;
const maxHorizonSeconds = 86_400;
const isHorizon = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= maxHorizonSeconds;

const alertOf = (saved: unknown): Alert | undefined => {
  if (typeof saved !== 'object' || saved === null) return undefined;
  const { kind, venue, symbol, price, horizonSeconds, state, firedAt, firedPrice } = saved as Record<string, unknown>;
  const known = { kind: alertKinds.find((each) => each === kind), state: alertStates.find((each) => each === state) };
  if (known.kind === undefined || known.state === undefined) return undefined;
  if (typeof venue !== 'string' || typeof symbol !== 'string' || !isVenue(venue) || !isSymbol(symbol)) return undefined;
  if ((kind === 'above' || kind === 'below') !== isPrice(price)) return undefined;
  if ((kind === 'interval') !== isHorizon(horizonSeconds)) return undefined;
  return {
    kind: known.kind,
    venue,
    symbol,
    state: known.state,
    ...(isPrice(price) && { price }),
    ...(isHorizon(horizonSeconds) && { horizonSeconds }),
    ...(typeof firedAt === 'number' && { firedAt }),
    ...(isPrice(firedPrice) && { firedPrice }),
  };
};
