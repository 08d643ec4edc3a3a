import type { RedisHost, RedisPlace } from '@tickwire/channel-layer';
import { ConfigError } from './environment.js';
import { readPem } from './variables.js';

/** PEM files, by the variable that names them. */
export interface RedisTlsFiles {
  /** Authorities to trust instead of those Node knows. */
  readonly REDIS_CA_FILE?: string | undefined;
  /** The certificate of this process: Redis asks for it unless it has `tls-auth-clients no`. */
  readonly REDIS_CERT_FILE?: string | undefined;
  readonly REDIS_KEY_FILE?: string | undefined;
}

interface TlsIdentity {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * Returns the same place with these certificates on its TLS connections. They are read once: a renewed one needs a
 * restart.
 * @throws ConfigError for a file that cannot be read, half of a pair, or a place without TLS.
 */
export const withTlsFiles = (place: RedisPlace, files: RedisTlsFiles): RedisPlace => {
  const { REDIS_CA_FILE, REDIS_CERT_FILE, REDIS_KEY_FILE } = files;
  const first = Object.entries(files).find(([, path]) => path !== undefined)?.[0];
  if (first === undefined) return place;
  if (!usesTls(place)) {
    throw new ConfigError(`${first} is set, but REDIS_URL names a server without TLS (rediss://, cluster+tls://, …)`);
  }
  if ((REDIS_CERT_FILE === undefined) !== (REDIS_KEY_FILE === undefined)) {
    throw new ConfigError('REDIS_CERT_FILE and REDIS_KEY_FILE belong together: set both or neither');
  }
  const tls: TlsIdentity = {
    ...(REDIS_CA_FILE !== undefined && { ca: readPem('REDIS_CA_FILE', REDIS_CA_FILE) }),
    ...(REDIS_CERT_FILE !== undefined && { cert: readPem('REDIS_CERT_FILE', REDIS_CERT_FILE) }),
    ...(REDIS_KEY_FILE !== undefined && { key: readPem('REDIS_KEY_FILE', REDIS_KEY_FILE) }),
  };
  return 'cluster' in place
    ? { cluster: { ...place.cluster, tls } }
    : { hosts: place.hosts.map((host) => (hostUsesTls(host) ? withIdentity(host, tls) : host)) };
};

const usesTls = (place: RedisPlace): boolean =>
  'cluster' in place ? place.cluster.tls !== undefined : place.hosts.some(hostUsesTls);

const hostUsesTls = (host: RedisHost): boolean =>
  typeof host === 'string' ? host.startsWith('rediss:') : host.tls !== undefined;

const withIdentity = (host: RedisHost, tls: TlsIdentity): RedisHost =>
  typeof host === 'string' ? { url: host, tls } : { ...host, tls };
