/** The kind of error, for callers; the text is for people and may change. */
export type MarketErrorCode =
  | 'bad-option'
  | 'bad-symbol'
  | 'bad-decimal'
  | 'bad-frame'
  | 'bad-line'
  | 'already-started'
  | 'unreadable-file'
  | 'unknown-format'
  | 'unknown-venue'
  | 'unknown-symbol'
  | 'venue-unreachable'
  | 'rest-failed'
  | 'missing-package';

export class MarketError extends Error {
  override readonly name = 'MarketError';
  readonly code: MarketErrorCode;

  constructor(code: MarketErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const maxShown = 80;
/** Control characters of terminals, including C1 controls, which JSON does not escape, and marks that reverse text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Escapes control characters, for a sentence that quotes a file on a terminal. */
export const printable = (text: string): string =>
  text.replace(unsafe, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Text of a file for a terminal or a log: in quotes, cut, and printable. */
export const shownText = (text: string): string => {
  const safe = printable(JSON.stringify(text.slice(0, maxShown + 1)));
  // The length includes the quotes.
  return safe.length > maxShown + 2 ? `${safe.slice(0, maxShown + 1)}…"` : safe;
};

/** Node's own errors may come from another realm, where `instanceof` fails. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
