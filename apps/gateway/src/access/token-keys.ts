import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError, type StateLog } from '@tickwire/runtime';
import type { JWTVerifyGetKey } from 'jose';
import type { TokenConfig } from './access-config.js';
import { createRemoteKeys } from './remote-keys.js';

/**
 * The keys for checking signatures. The key decides on the algorithms, never the token: otherwise a public key, which
 * anybody may know, could serve as the secret of an HS256 signature.
 */
export interface TokenKeys {
  readonly algorithms: readonly string[];
  readonly get: JWTVerifyGetKey;
}

/** @throws ConfigError */
export const createTokenKeys = (key: TokenConfig['key'], fetches: Pick<StateLog, 'failed' | 'worked'>): TokenKeys => {
  switch (key.kind) {
    case 'secret': {
      const secret = createSecretKey(key.secret, 'utf8');
      return { algorithms: ['HS256'], get: () => secret };
    }
    case 'public': {
      const publicKey = publicKeyOf(key.pem);
      return { algorithms: [algorithmOf(publicKey)], get: () => publicKey };
    }
    case 'jwks':
      return { algorithms: ['RS256', 'ES256', 'EdDSA'], get: createRemoteKeys({ ...key, fetches }) };
  }
};

const expected = 'AUTH_JWT_PUBLIC_KEY must be a public key in PEM: RSA of 2048 bits or more, EC P-256, or Ed25519';

const publicKeyOf = (pem: string): KeyObject => {
  // Node would derive a public key from it, but a server that checks tokens should not be able to sign them.
  if (pem.includes('PRIVATE KEY')) throw new ConfigError(`${expected}; it is a private key`);
  try {
    return createPublicKey(pem);
  } catch {
    throw new ConfigError(expected);
  }
};

const algorithmOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string => {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa' && modulusLength >= 2_048) return 'RS256';
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new ConfigError(expected);
};
