/** The used part of big.js. */
declare module 'big.js' {
  export interface BigNumber {
    plus(other: BigNumber | string | number): BigNumber;
    minus(other: BigNumber | string | number): BigNumber;
    times(other: BigNumber | string | number): BigNumber;
    div(other: BigNumber | string | number): BigNumber;
    cmp(other: BigNumber | string | number): -1 | 0 | 1;
    /** Without an exponent; rounds half up to `decimals` if given. */
    toFixed(decimals?: number): string;
    /** Power of ten of the first digit. */
    readonly e: number;
  }
  export interface BigConstructor {
    /** A new constructor with its own settings. */
    (): BigConstructor;
    (value: string | number): BigNumber;
    /** Decimals that a division is rounded to. */
    DP: number;
  }
  export const Big: BigConstructor;
}
