/** The target of a request as an address of ours, its path decoded; undefined where it cannot be read. */
export const parseTarget = (target: string | undefined): URL | undefined => {
  try {
    const url = new URL(target ?? '/', 'http://gateway');
    url.pathname = decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
};
