/** The exact product of two plain decimal strings, without trailing zeros. */
export const decimalProduct = (a: string, b: string): string => {
  const [digitsA, decimalsA] = scaled(a);
  const [digitsB, decimalsB] = scaled(b);
  const product = digitsA * digitsB;
  const sign = product < 0n ? '-' : '';
  const decimals = decimalsA + decimalsB;
  const digits = String(product < 0n ? -product : product).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
};

const scaled = (text: string): readonly [bigint, number] => {
  const decimals = text.split('.')[1]?.length ?? 0;
  return [BigInt(text.replace('.', '')), decimals];
};
