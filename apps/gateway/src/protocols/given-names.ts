import { nearName } from '@tickwire/runtime';

/**
 * Returns a sentence if a name looks like a misspelled known one, which would be ignored in silence. A name unlike all
 * known ones may be meant for something in between, such as a proxy.
 */
export const misspellingIn = (given: Iterable<string>, known: readonly string[]): string | undefined => {
  for (const name of given) {
    const meant = known.includes(name) ? undefined : nearName(name, known);
    if (meant !== undefined) return `${name} is unknown: did you mean ${meant}?`;
  }
  return undefined;
};

/** Returns a sentence if a parameter is given more than once, although only one of its values would be read. */
export const repetitionIn = (query: URLSearchParams, repeatable: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (seen.has(name) && !repeatable.includes(name)) return `${name} is given more than once`;
    seen.add(name);
  }
  return undefined;
};
