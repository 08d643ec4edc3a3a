/** Where a text stops being JSON; line and column count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

const token = /[ \t\n\r]*(?:([{}[\],:])|(")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
/** Bounded, because a regular expression needs stack for each character it might have to give back. */
const stringPart = /[ !#-[\]-\uffff]{1,1000}|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/**
 * The first character of a text that cannot belong to any JSON; behind the last one where something is missing. No
 * recursion, so that depth is no matter. `JSON.parse` does not always tell.
 */
export const jsonErrorPosition = (text: string): TextPosition => {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) break;
    const isString = match[2] !== undefined;
    const next = after(expected, open, match[1], isString);
    const end = isString ? stringEnd(text, token.lastIndex) : token.lastIndex;
    if (next === undefined || end === undefined) break;
    at = end;
    if (next === 'end') break;
    expected = next;
  }
  const rest = /[^ \t\n\r]/.exec(text.slice(at));
  return positionOf(text, rest === null ? text.length : at + rest.index);
};

/** Behind the closing quote; undefined where there is none or something cannot stand in a string. */
const stringEnd = (text: string, begin: number): number | undefined => {
  let at = begin;
  for (;;) {
    stringPart.lastIndex = at;
    if (!stringPart.test(text)) break;
    at = stringPart.lastIndex;
  }
  return text[at] === '"' ? at + 1 : undefined;
};

/** What may come behind a token; undefined when the token itself may not come. */
const after = (
  expected: Expected,
  open: ('{' | '[')[],
  mark: string | undefined,
  isString: boolean,
): Expected | 'end' | undefined => {
  const isValueExpected = expected === 'value' || expected === 'value or ]';
  switch (mark) {
    case '{':
    case '[':
      if (!isValueExpected) return undefined;
      open.push(mark);
      return mark === '{' ? 'key or }' : 'value or ]';
    case '}':
      if (open.at(-1) !== '{' || (expected !== 'key or }' && expected !== 'comma or end')) return undefined;
      return closed(open);
    case ']':
      if (open.at(-1) !== '[' || (expected !== 'value or ]' && expected !== 'comma or end')) return undefined;
      return closed(open);
    case ',':
      if (expected !== 'comma or end') return undefined;
      return open.at(-1) === '{' ? 'key' : 'value';
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    default:
      if (expected === 'key' || expected === 'key or }') return isString ? 'colon' : undefined;
      if (!isValueExpected) return undefined;
      return open.length === 0 ? 'end' : 'comma or end';
  }
};

const closed = (open: ('{' | '[')[]): Expected | 'end' => {
  open.pop();
  return open.length === 0 ? 'end' : 'comma or end';
};

export const positionOf = (text: string, index: number): TextPosition => {
  const before = text.slice(0, index);
  return { line: before.split('\n').length, column: index - before.lastIndexOf('\n') };
};
