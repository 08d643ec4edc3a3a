/** A number as a decimal without exponent, in as many digits as tell it from every other; undefined for one that is not finite. */
export const decimalText = (value: number): string | undefined => {
  if (!Number.isFinite(value)) return undefined;
  const [coefficient = '', exponent] = String(value).split('e');
  if (exponent === undefined) return coefficient;
  const sign = coefficient.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = coefficient.slice(sign.length).split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return sign + (point > 0 ? digits.padEnd(point, '0') : `0.${'0'.repeat(-point)}${digits}`);
};
