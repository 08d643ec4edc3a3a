/** Integers of other writers may be beyond what JSON numbers hold exactly: they go out as strings. */
export const jsonText = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Only now: a replacer makes every call several times slower.
    return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field));
  }
};
