import { Big, type BigConstructor, type BigNumber } from 'big.js';

/** Division has more digits than the smallest prices. */
const Precise: BigConstructor = Big();
Precise.DP = 40;

/** A venue's statistics of a day. */
interface Day {
  readonly last?: string;
  readonly open24h?: string;
  readonly change24h?: string;
  readonly changePct24h?: string;
}

/** Fewest digits of a price that results from a division. */
const significantDigits = 8;
const leastDecimals = 8;

/**
 * The opening price of the day. Some venues report only the change since then: an amount gives an exact result, a
 * percentage an approximate one. Undefined if nothing is reported, or something impossible.
 */
export const openingPrice = ({ last, open24h, change24h, changePct24h }: Day): string | undefined => {
  if (open24h !== undefined || last === undefined) return open24h;
  if (change24h !== undefined) {
    const open = Big(last).minus(change24h);
    return open.cmp(0) > 0 ? open.toFixed(Math.max(decimalsOf(last), decimalsOf(change24h))) : undefined;
  }
  if (changePct24h === undefined) return undefined;
  const share = Big(changePct24h).div(100).plus(1);
  return share.cmp(0) > 0 ? quotientOf(last, share) : undefined;
};

/** Rounded half up, to enough digits to distinguish a tiny price from its neighbours. */
export const quotientOf = (dividend: string, divisor: BigNumber | string): string => {
  const quotient = Precise(dividend).div(divisor);
  return quotient.toFixed(Math.max(leastDecimals, significantDigits - 1 - quotient.e));
};

const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
