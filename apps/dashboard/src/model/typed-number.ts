/** A price as somebody types it in their locale and digits, as a decimal string; `undefined` for anything else. */
export const parseTypedPrice = (typed: string, locales?: readonly string[]): string | undefined => {
  const { group, groupDigits, decimal, zero } = habitsOf(locales);
  const text = inLatinDigits(typed, zero).replace(/[\s\u00a0\u202f'’\p{Cf}]/gu, '');
  const [by, point] = [escaped(group), escaped(decimal)];
  const grouped = new RegExp(`^\\d{1,3}(${by}\\d{${groupDigits}})*${by}\\d{3}(${point}\\d+)?$`);
  const plain = /^\d+([.,٫]\d+)?$/;
  let digits: string | undefined;
  if (grouped.test(text)) digits = text.replaceAll(group, '').replace(decimal, '.');
  else if (plain.test(text)) digits = text.replace(/[,٫]/, '.');
  if (digits === undefined || digits.length > 40 || !(Number(digits) > 0)) return undefined;
  return digits.replace(/^0+(?=\d)/, '');
};

/** Zeros of Arabic, Persian, Devanagari and Bengali digits, which some keyboards have beside the locale's own. */
const zeros = ['٠', '۰', '०', '০'];

const inLatinDigits = (typed: string, zero: string): string => {
  const starts = [...zeros, zero].map((each) => each.codePointAt(0) ?? 0);
  return typed.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const start = starts.find((each) => code >= each && code <= each + 9);
    return start === undefined ? digit : String(code - start);
  });
};

interface Habits {
  readonly group: string;
  /** How many digits a group has, but for the first and the last: two in India. */
  readonly groupDigits: number;
  readonly decimal: string;
  readonly zero: string;
}

const habitsOf = (locales?: readonly string[]): Habits => {
  const format = new Intl.NumberFormat(locales === undefined ? undefined : [...locales]);
  const parts = format.formatToParts(1_234_567.5);
  const find = (type: string, fallback: string): string => parts.find((part) => part.type === type)?.value ?? fallback;
  const whole = parts.filter(({ type }) => type === 'integer');
  const groupDigits = [...(whole[1]?.value ?? '000')].length;
  return { group: find('group', ','), groupDigits, decimal: find('decimal', '.'), zero: format.format(0) };
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
