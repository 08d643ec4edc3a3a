/** The part of big.js used here. */
declare module 'big.js' {
  export interface BigNumber {
    plus(other: BigNumber | string | number): BigNumber;
    minus(other: BigNumber | string | number): BigNumber;
    times(other: BigNumber | string | number): BigNumber;
    div(other: BigNumber | string | number): BigNumber;
    cmp(other: BigNumber | string | number): -1 | 0 | 1;
    /** Without an exponent; rounds half up to `decimals` where given. */
    toFixed(decimals?: number): string;
    /** Of ten, of its first digit. */
    readonly e: number;
  }
  export interface BigConstructor {
    /** Another with settings of its own. */
    (): BigConstructor;
    (value: string | number): BigNumber;
    /** Decimals that a division is rounded to. */
    DP: number;
  }
  export const Big: BigConstructor;
}
