/** Exact order of two decimals without leading zeros: negative, 0 or positive. `1.50` equals `1.5`. */
export const compareDecimals = (a: string, b: string): number => {
  if (a === b) return 0;
  const negative = a.startsWith('-');
  if (negative !== b.startsWith('-')) return isZero(a) && isZero(b) ? 0 : negative ? -1 : 1;
  return negative ? compareMagnitudes(b.slice(1), a.slice(1)) : compareMagnitudes(a, b);
};

const isZero = (text: string): boolean => /^-?0(?:\.0+)?$/.test(text);

const compareMagnitudes = (a: string, b: string): number => {
  const pointA = a.indexOf('.');
  const pointB = b.indexOf('.');
  const wholeA = pointA < 0 ? a.length : pointA;
  const wholeB = pointB < 0 ? b.length : pointB;
  if (wholeA !== wholeB) return wholeA - wholeB;
  const length = Math.max(a.length, b.length);
  // No leading zeros and the points aligned: the first differing digit decides. A missing digit is a zero.
  for (let i = 0; i < length; i++) {
    if (i === wholeA) continue;
    const digitA = i < a.length ? a.charCodeAt(i) : 48;
    const digitB = i < b.length ? b.charCodeAt(i) : 48;
    if (digitA !== digitB) return digitA - digitB;
  }
  return 0;
};
