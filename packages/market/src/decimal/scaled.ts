const zeros = '0'.repeat(32);

/**
 * A whole number of `10^-decimals` as a decimal string with exactly that many decimals: `(6183763, 2)` is `61837.63`.
 * For non-negative safe integers, which JavaScript prints without an exponent.
 */
export const formatScaled = (units: number, decimals: number): string => {
  const digits = String(units);
  if (decimals === 0) return digits;
  const padded = digits.length > decimals ? digits : zeros.slice(0, decimals + 1 - digits.length) + digits;
  const point = padded.length - decimals;
  return `${padded.slice(0, point)}.${padded.slice(point)}`;
};
