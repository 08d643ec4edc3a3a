import { nearName } from '@tickwire/runtime';

/**
 * A sentence if a name looks like a slip of a known one, which would be ignored in silence. Names unlike all known ones
 * may be meant for somebody on the way, such as a proxy.
 */
export const slipIn = (given: Iterable<string>, known: readonly string[]): string | undefined => {
  for (const name of given) {
    const meant = known.includes(name) ? undefined : nearName(name, known);
    if (meant !== undefined) return `${name} is unknown: did you mean ${meant}?`;
  }
  return undefined;
};

/** A sentence if a parameter is given more than once and only one of the values would be read. */
export const repetitionIn = (query: URLSearchParams, repeatable: readonly string[]): string | undefined => {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (seen.has(name) && !repeatable.includes(name)) return `${name} is given more than once`;
    seen.add(name);
  }
  return undefined;
};
