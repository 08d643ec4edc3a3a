/** A price as somebody types it in their locale, as a decimal string; `undefined` for anything else. */
export const parseTypedPrice = (typed: string, locales?: readonly string[]): string | undefined => {
  const { group, decimal } = separatorsOf(locales);
  const text = typed.trim().replace(/[\s\u00a0\u202f']/g, '');
  const grouped = new RegExp(`^\\d{1,3}(${escaped(group)}\\d{3})+(${escaped(decimal)}\\d+)?$`);
  const plain = /^\d+([.,]\d+)?$/;
  let digits: string | undefined;
  if (grouped.test(text)) digits = text.replaceAll(group, '').replace(decimal, '.');
  else if (plain.test(text)) digits = text.replace(',', '.');
  if (digits === undefined || digits.length > 40 || !(Number(digits) > 0)) return undefined;
  return digits.replace(/^0+(?=\d)/, '');
};

const separatorsOf = (locales?: readonly string[]): { readonly group: string; readonly decimal: string } => {
  const parts = new Intl.NumberFormat(locales === undefined ? undefined : [...locales]).formatToParts(1_234_567.5);
  const find = (type: string, fallback: string): string => parts.find((part) => part.type === type)?.value ?? fallback;
  return { group: find('group', ','), decimal: find('decimal', '.') };
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
