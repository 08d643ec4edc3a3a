const maxShown = 80;
/** Control characters that JSON leaves alone: C1, where terminals see commands too, and those that turn text round. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What a file says, for a terminal or a log: in quotes, cut, and without anything that a terminal would obey. */
export const shownText = (text: string): string => {
  const safe = JSON.stringify(text.slice(0, maxShown + 1)).replace(
    unsafe,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // With its quotes.
  return safe.length > maxShown + 2 ? `${safe.slice(0, maxShown + 1)}…"` : safe;
};
