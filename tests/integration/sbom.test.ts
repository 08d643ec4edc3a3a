import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { repository } from '../support/manifests.js';

describe('npm run sbom', () => {
  it('[O10] names what the image installs, with versions, and nothing of what only work on it needs', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sbom.mjs'], {
      cwd: repository,
      maxBuffer: 16_777_216,
    });
    const bill = JSON.parse(stdout) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ws', 'ioredis', 'express', 'zod', 'pino', 'prom-client']));
    expect(names.filter((name) => /^(jest|typescript|vite|playwright-core|socket\.io|ccxt)$/.test(name))).toEqual([]);
    expect(bill.components.filter(({ version, purl }) => version === '' || purl === '')).toEqual([]);
  });
});
