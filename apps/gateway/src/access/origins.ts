import { isIPv4 } from 'node:net';

/** Allowed hosts and origins, named as in Channels' `AllowedHostsOriginValidator`. */
export interface OriginRules {
  /** Whether a page of this origin may open a connection to `host`, the host it requested. */
  isAllowed(origin: string, host: string | undefined): boolean;
}

const name = String.raw`\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]`;
const pattern = new RegExp(`^(?:([a-z][a-z0-9+-]*:)//)?(${name})(?::(\\d{1,5}))?$`);
const hostPattern = new RegExp(`^(?:\\*|${name})$`);
const localNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The parts of a list entry; '' for a missing part. */
interface OriginEntry {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

const entryOf = (text: string): OriginEntry => {
  const [, scheme = '', host = '', port = ''] = pattern.exec(text) ?? [];
  return { scheme, name: host, port };
};

/**
 * `https://app.example.com`, `.example.com` with all its subdomains, a host with or without port, `null`, `*`. It must
 * be written as browsers write it; any other spelling would never match.
 */
export const isOriginPattern = (text: string): boolean => {
  if (text === '*' || text === 'null') return true;
  const { scheme, name, port } = entryOf(text);
  const host = name.replace(/^\./, '');
  // No page has a socket's address as its origin.
  if (host === '' || scheme === 'ws:' || scheme === 'wss:') return false;
  return parse(`http://${host}${port && `:${port}`}`)?.hostname === host;
};
/** `example.com`, `.example.com` with all its subdomains, `*`. */
export const isHostPattern = (text: string): boolean => hostPattern.test(text);

/**
 * A page of the host it connects to is always allowed, because we serve that page. Others must be listed. Without a
 * list, pages of the same machine are allowed too, for development.
 */
export const createOriginRules = (allowed: readonly string[] | undefined): OriginRules => ({
  isAllowed(origin, host) {
    if (allowed?.includes('*') || allowed?.includes(origin)) return true;
    const url = parse(origin);
    if (url === undefined || url.hostname === '') return false;
    if (host !== undefined && isSameHost(url, host)) return true;
    if (allowed === undefined) return localNames.has(url.hostname);
    return allowed.some((each) => matchesOrigin(entryOf(each), url));
  },
});

/** A proxy may drop the port, as nginx does with `Host $host`: then only the names are compared. */
const isSameHost = (url: URL, host: string): boolean => {
  const asked = parse(`${url.protocol}//${host}`);
  return /:\d+$/.test(host) ? asked?.host === url.host : asked?.hostname === url.hostname;
};

const matchesOrigin = ({ scheme, name, port }: OriginEntry, url: URL): boolean => {
  if (scheme !== '' && scheme !== url.protocol) return false;
  // A scheme without a port means the scheme's default port; a bare name means any port.
  const isPort = port === '' ? scheme === '' || url.port === '' : port === (url.port || defaultPorts[url.protocol]);
  return isPort && matchesHost(name, url.hostname);
};

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Whether a request for this host is meant for us: a page that points its own name at us requests another host. */
export const isHostAllowed = (allowed: readonly string[] | undefined, host: string | undefined): boolean => {
  if (allowed === undefined || allowed.includes('*')) return true;
  const name = parse(`http://${host ?? ''}`)?.hostname.replace(/\.$/, '');
  return name !== undefined && allowed.some((each) => matchesHost(each, name));
};

/** Whether a request names us by an address or as this machine; nobody else's name can do that. */
export const isAskedByAddress = (host: string | undefined): boolean => {
  const name = parse(`http://${host ?? ''}`)?.hostname ?? '';
  return name === 'localhost' || name.startsWith('[') || isIPv4(name);
};

const matchesHost = (text: string, name: string): boolean =>
  text.startsWith('.') ? name === text.slice(1) || name.endsWith(text) : name === text;

const parse = (text: string): URL | undefined => {
  // Other parts of a URL are not allowed in an origin.
  if (/[@?#\s\\]/.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};
