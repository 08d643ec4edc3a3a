/** Hosts and origins as Channels' `AllowedHostsOriginValidator` names them. */
export interface OriginRules {
  /** Whether a page of this origin may open a connection to `host`, the one it asked for. */
  isAllowed(origin: string, host: string | undefined): boolean;
}

const pattern = /^(\*|null|([a-z][a-z0-9+-]*:\/\/)?\.?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?)$/;
const hostPattern = /^(\*|\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])$/;
const localNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `https://app.example.com`, `.example.com` with all below it, a host with or without port, `null`, `*`. */
export const isOriginPattern = (text: string): boolean => pattern.test(text);
/** `example.com`, `.example.com` with all below it, `*`. */
export const isHostPattern = (text: string): boolean => hostPattern.test(text);

/**
 * A page of the host it connects to is always allowed, for what it shows is ours. Others must be listed; without a
 * list those of the same machine may come too, as in development.
 */
export const createOriginRules = (allowed: readonly string[] | undefined): OriginRules => ({
  isAllowed(origin, host) {
    if (allowed?.includes('*') || allowed?.includes(origin)) return true;
    const url = parse(origin);
    if (url === undefined || url.hostname === '') return false;
    if (host !== undefined && parse(`${url.protocol}//${host}`)?.host === url.host) return true;
    if (allowed === undefined) return localNames.has(url.hostname);
    return allowed.some((each) => matchesOrigin(each, url));
  },
});

const matchesOrigin = (text: string, url: URL): boolean => {
  const [, scheme = '', rest = text] = /^([a-z][a-z0-9+-]*:)\/\/(.*)$/.exec(text) ?? [];
  if (scheme !== '' && scheme !== url.protocol) return false;
  const [name = '', port = ''] = rest.split(':');
  // A scheme without a port means the scheme's own; a bare name any port.
  const isPort = port === '' ? scheme === '' || url.port === '' : port === (url.port || defaultPorts[url.protocol]);
  return isPort && matchesHost(name, url.hostname);
};

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Whether a request for this host is one for us: a page that made its own name lead here has another. */
export const isHostAllowed = (allowed: readonly string[] | undefined, host: string | undefined): boolean => {
  if (allowed === undefined || allowed.includes('*')) return true;
  const name = parse(`http://${host ?? ''}`)?.hostname.replace(/\.$/, '');
  return name !== undefined && allowed.some((each) => matchesHost(each, name));
};

const matchesHost = (text: string, name: string): boolean =>
  text.startsWith('.') ? name === text.slice(1) || name.endsWith(text) : name === text;

const parse = (text: string): URL | undefined => {
  // What a URL may hold beside a host has no place in an origin.
  if (/[@?#\s\\]/.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};
