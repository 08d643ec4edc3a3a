import { Big, type BigConstructor, type BigNumber } from 'big.js';

/** Divides to more digits than the smallest prices have. */
const Precise: BigConstructor = Big();
Precise.DP = 40;

/** What a venue says of a day. */
interface Day {
  readonly last?: string;
  readonly open24h?: string;
  readonly change24h?: string;
  readonly changePct24h?: string;
}

/** What a price is told with, at the least, where it is the result of a division. */
const significantDigits = 8;
const leastDecimals = 8;

/**
 * What the day opened at. Some venues only tell how far the price has come since: by an amount, then the result is exact,
 * or in percent. Undefined where nothing tells, or where what is told cannot be.
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

/** Rounded half up, to as many digits as keep a tiny price apart from its neighbours. */
export const quotientOf = (dividend: string, divisor: BigNumber | string): string => {
  const quotient = Precise(dividend).div(divisor);
  return quotient.toFixed(Math.max(leastDecimals, significantDigits - 1 - quotient.e));
};

const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
