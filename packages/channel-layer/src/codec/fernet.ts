import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Fernet {
  /** The token, as the ASCII text that travels. */
  encrypt(plain: Uint8Array): Uint8Array;
  /** Undefined for a token that no key opens. Its age is not checked, as in Channels' pub/sub layer. */
  decrypt(token: Uint8Array): Uint8Array | undefined;
}

export interface FernetOptions {
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
  /** 16 unpredictable bytes: a repeated vector shows which messages begin alike. @default crypto.randomBytes */
  readonly newIv?: () => Uint8Array;
}

interface FernetKey {
  readonly signing: Buffer;
  readonly encryption: Buffer;
}

const version = 0x80;
const ivStart = 9;
const textStart = 25;
const blockBytes = 16;
const signatureBytes = 32;

/**
 * Fernet (https://github.com/fernet/spec/blob/master/Spec.md) with the keys of `symmetric_encryption_keys`: each is the
 * SHA-256 of a passphrase. The first encrypts, any decrypts, so keys can be changed one process at a time.
 * @throws RangeError without keys or with an empty one.
 */
export const createFernet = (passphrases: readonly string[], options: FernetOptions = {}): Fernet => {
  const { now = Date.now, newIv = () => randomBytes(blockBytes) } = options;
  const keys = passphrases.map(keyFrom);
  const [first] = keys;
  if (first === undefined) throw new RangeError('encryption needs at least one key');

  return {
    encrypt(plain) {
      const head = Buffer.alloc(textStart);
      head[0] = version;
      head.writeBigUInt64BE(BigInt(Math.floor(now() / 1000)), 1);
      const iv = newIv();
      head.set(iv, ivStart);
      const cipher = createCipheriv('aes-128-cbc', first.encryption, iv);
      const signed = Buffer.concat([head, cipher.update(plain), cipher.final()]);
      return paddedBase64Url(Buffer.concat([signed, sign(first, signed)]));
    },
    decrypt(token) {
      const bytes = Buffer.from(Buffer.from(token).toString('latin1'), 'base64url');
      const textBytes = bytes.length - textStart - signatureBytes;
      if (bytes[0] !== version || textBytes < blockBytes || textBytes % blockBytes !== 0) return undefined;
      const signed = bytes.subarray(0, -signatureBytes);
      const signature = bytes.subarray(-signatureBytes);
      const key = keys.find((candidate) => timingSafeEqual(sign(candidate, signed), signature));
      return key === undefined ? undefined : open(key, signed);
    },
  };
};

/** The length of a token with that many bytes in it, at most. */
export const fernetTokenBytes = (plainBytes: number): number =>
  Math.ceil((textStart + plainBytes + blockBytes + signatureBytes) / 3) * 4;

const keyFrom = (passphrase: string): FernetKey => {
  if (passphrase === '') throw new RangeError('an encryption key is empty');
  const digest = createHash('sha256').update(passphrase, 'utf8').digest();
  return { signing: digest.subarray(0, 16), encryption: digest.subarray(16) };
};

const sign = (key: FernetKey, bytes: Uint8Array): Buffer => createHmac('sha256', key.signing).update(bytes).digest();

const open = (key: FernetKey, signed: Uint8Array): Uint8Array | undefined => {
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, signed.subarray(ivStart, textStart));
  try {
    return Buffer.concat([decipher.update(signed.subarray(textStart)), decipher.final()]);
  } catch {
    // Correctly signed but wrongly padded: made with the right key by something other than Fernet.
    return undefined;
  }
};

/** Python's base64 requires the padding that Node leaves out. */
const paddedBase64Url = (bytes: Buffer): Uint8Array => {
  const text = bytes.toString('base64url');
  return Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, '='), 'latin1');
};
