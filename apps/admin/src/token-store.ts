const key = 'tickwire.admin.token';

/** For as long as the tab is open. A browser that forbids it asks for the token again. */
export const readToken = (): string | undefined => {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

/** Undefined forgets it. */
export const writeToken = (token: string | undefined): void => {
  try {
    if (token === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // Then it is in this page's memory alone.
  }
};
