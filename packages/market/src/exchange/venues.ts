import { binance } from '../binance/binance-venue.js';
import { coinbase } from '../coinbase/coinbase-venue.js';
import { MarketError } from '../errors.js';
import { kraken } from '../kraken/kraken-venue.js';
import type { Venue } from './venue.js';

const venues = { binance, coinbase, kraken } as const satisfies Record<string, Venue>;

/** Exchanges with their own adapter; others are reached through ccxt. */
export type VenueName = keyof typeof venues;

export const venueNames = Object.keys(venues) as readonly VenueName[];

export const isVenueName = (name: string): name is VenueName => Object.hasOwn(venues, name);

/** @throws MarketError `unknown-venue` */
export const venueOf = (name: string): Venue => {
  if (!isVenueName(name))
    throw new MarketError('unknown-venue', `no adapter for ${name}: there are ${venueNames.join(', ')}`);
  return venues[name];
};
