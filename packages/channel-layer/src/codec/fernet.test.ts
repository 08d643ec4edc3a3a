import { describe, expect, test } from '@jest/globals';
import { createFernet } from './fernet.js';

const plain = Buffer.from(
  '83a474797065aa70726963652e7469636ba57072696365cb3ff8000000000000a673796d626f6ca74254432d555344',
  'hex',
);
/** Made by Python's cryptography. */
const token =
  'gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD1MOpnOJCHHECpkrlJH4XmazASvJrHKmnSYTHXVMilVO87sUiKhDkFLEHc353UwW96Z95nUGrepQ5LzrynEk10D7fOAJe0Cux9LTt6nKhmiB';

describe('Fernet', () => {
  test('[L4] makes the token that Python makes at the same second with the same vector', () => {
    const fernet = createFernet(['a-test-key'], {
      now: () => 1_700_000_000_999,
      newIv: () => Uint8Array.from({ length: 16 }, (_, index) => index),
    });
    expect(Buffer.from(fernet.encrypt(plain)).toString()).toBe(token);
  });

  test('[L4] Python’s token can be opened, whatever its age', () => {
    const opened = createFernet(['a-test-key']).decrypt(Buffer.from(token));
    expect(Buffer.from(opened ?? []).equals(plain)).toBe(true);
  });

  test('[L4] tokens of every length have the padding Python requires, and can be opened', () => {
    const fernet = createFernet(['k']);
    for (let length = 0; length < 70; length += 1) {
      const text = Buffer.alloc(length, 7);
      const made = fernet.encrypt(text);
      expect(made.length % 4).toBe(0);
      expect(Buffer.from(fernet.decrypt(made) ?? [1]).equals(text)).toBe(true);
    }
  });

  test('[L4] the first key encrypts, any key decrypts', () => {
    const old = createFernet(['old']).encrypt(plain);
    const both = createFernet(['new', 'old']);
    expect(both.decrypt(old)).toBeDefined();
    expect(createFernet(['new']).decrypt(both.encrypt(plain))).toBeDefined();
    expect(createFernet(['old']).decrypt(both.encrypt(plain))).toBeUndefined();
  });

  test('[L4] a token that was changed, cut off or is empty cannot be opened', () => {
    const fernet = createFernet(['a-test-key']);
    const raw = Buffer.from(token, 'base64url');
    for (let index = 0; index < raw.length; index += 1) {
      const damaged = Buffer.from(raw);
      damaged[index] = (damaged[index] ?? 0) ^ 1;
      expect(fernet.decrypt(Buffer.from(damaged.toString('base64url')))).toBeUndefined();
      expect(fernet.decrypt(Buffer.from(raw.subarray(0, index).toString('base64url')))).toBeUndefined();
    }
  });

  test('[L4] two tokens of one text differ', () => {
    const fernet = createFernet(['k']);
    expect(Buffer.from(fernet.encrypt(plain)).equals(fernet.encrypt(plain))).toBe(false);
  });

  test('[L4] a list without keys, or with an empty key, is rejected', () => {
    expect(() => createFernet([])).toThrow(RangeError);
    expect(() => createFernet(['a', ''])).toThrow(RangeError);
  });
});
