import { existsSync } from 'node:fs';
import { inRoot } from '../host/paths.js';
import { modulePath } from '../process/worker.js';
import type { Peer } from './peer.js';

export interface TickwireOptions {
  readonly name?: string;
  /** Variables of the gateway beside those it needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further parameters of the path: `&batch=1`. */
  readonly query?: string;
  readonly offersDeflate?: boolean;
  /** @default plain JSON */
  readonly protocol?: 'plain' | 'centrifuge';
  /** Certificate and key in PEM: it speaks TLS. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** Collects garbage on SIGUSR2, so that memory can be read without it. */
  readonly collectsOnSignal?: boolean;
}

const main = inRoot('apps/gateway/dist/main.js');

/** What is measured is a process, on a core. */
const single = { GATEWAY_WORKERS: '1' };
/** All load comes from one address, and all at once. */
const open = { MAX_CONNECTIONS_PER_IP: '0', CONNECTS_PER_SECOND: '1000000' };

/** The product: the gateway's own process as built, with its defaults unless options say otherwise. */
export const tickwirePeer = (options: TickwireOptions = {}): Peer => {
  const { name = 'tickwire', env = {}, query = '', offersDeflate = false, collectsOnSignal = false } = options;
  const { protocol = 'plain', tls } = options;
  const isSecure = tls !== undefined;
  const secure = isSecure ? { TLS_CERT_FILE: tls.certificateFile, TLS_KEY_FILE: tls.keyFile } : {};
  const path = protocol === 'plain' ? '/ws/prediction/' : '/connection/websocket';
  const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return {
    name,
    setUp: `apps/gateway as built, ${settings.length > 0 ? settings.join(' ') : 'default settings'} without limits on connects${isSecure ? ', TLS' : ''}, ${path}${query}`,
    form: 'history',
    canRecover: true,
    collectsOnSignal,
    greeting: (channels) =>
      protocol === 'plain'
        ? {
            kind: 'websocket',
            path: `${path}?channels=${channels.join(',')}&last=0${query}`,
            offersDeflate,
            isSecure,
            recovers: true,
          }
        : { kind: 'centrifuge', path, channels, isSecure, recovers: true },
    missing: () => (existsSync(main) ? undefined : 'apps/gateway is not built'),
    async start({ children, cores, redisUrl }) {
      const hooks = collectsOnSignal ? ['--expose-gc', '--import', modulePath('servers/collect-on-signal.js')] : [];
      const child = children.start({
        name,
        command: process.execPath,
        args: [...hooks, main],
        cores,
        env: {
          PORT: '0',
          HOST: '127.0.0.1',
          REDIS_URL: redisUrl,
          LOG_LEVEL: 'info',
          ...single,
          ...open,
          ...secure,
          ...env,
        },
      });
      const found = await child.wrote(/https?:\/\/localhost:(\d+)/);
      return { child, port: Number(found[1]) };
    },
  };
};

/** The same over the Centrifuge protocol in JSON, as Centrifugo's clients speak it. */
export const tickwireCentrifugePeer = (): Peer =>
  tickwirePeer({ name: 'tickwire, Centrifuge', protocol: 'centrifuge' });
