import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBrowser } from '../support/browser.js';
import { isNightly } from '../support/depth.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { createPackedProject, type PackedProject, publicPackages } from '../support/packed-packages.js';
import { openPublished } from '../support/published.js';
import { readmeExample } from '../support/readme-example.js';
import { startRedisServer } from '../support/redis-server.js';
import { serveFolder } from '../support/serve-folder.js';
import { firstTradeId, startTradesExchange } from '../support/trades-exchange.js';
import { waitFor } from '../support/wait-for.js';

describe('packages in an empty project', () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await createPackedProject();
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  it.each(publicPackages)('[E122] the example of %s runs and prints what it says', async (name) => {
    const { code, prints } = readmeExample(`packages/${name}/README.md`);
    await project.write(`${name}.js`, code);
    expect((await project.node(`${name}.js`)).trimEnd().split('\n')).toEqual(prints);
  });

  it('[E122] require loads them as well', async () => {
    const names = publicPackages.map((name) => `@tickwire/${name}`);
    await project.write(
      'all.cjs',
      `for (const name of ${JSON.stringify(names)}) console.log(Object.keys(require(name)).length > 0);`,
    );
    expect(await project.node('--no-warnings', 'all.cjs')).toBe('true\n'.repeat(names.length));
  });

  it('[E150] the producer over Redis, killed and started again, leaves no gap and doubles nothing', async () => {
    await using exchange = await startTradesExchange();
    await using redis = await startRedisServer();
    await using published = await openPublished(redis.port);
    const channel = 'trade.mine.BTC-USDT';
    await copyFile(
      fileURLToPath(new URL('../../examples/publisher.mjs', import.meta.url)),
      join(project.root, 'p.mjs'),
    );
    const env = { ...process.env, SOURCE: exchange.url, REDIS_URL: redis.url };
    let wanted = 2;
    for (let round = 0; round < (isNightly ? 3 : 2); round += 1) {
      const producer = spawn(process.execPath, ['p.mjs'], { cwd: project.root, env, stdio: 'ignore' });
      const ended = once(producer, 'close');
      try {
        await waitFor('it to publish', async () => (await published.top(channel)) >= wanted);
      } finally {
        producer.kill('SIGKILL');
        await ended;
      }
      wanted = (await published.top(channel)) + 4;
    }
    const trades = await published.range(channel, 1, await published.top(channel));
    expect(trades.map(({ id }) => id)).toEqual(trades.map((_, index) => String(firstTradeId + index)));
    const tickers = await published.range('ticker.mine.BTC-USDT', 1, await published.top('ticker.mine.BTC-USDT'));
    expect(new Set(tickers.map(({ last }) => last)).size).toBe(tickers.length);
  });

  it.each(['nodenext', 'bundler'])(
    '[E122] their types are strict for moduleResolution %s',
    async (moduleResolution) => {
      await project.write(
        'types.ts',
        publicPackages.map((name, at) => `export * as p${at} from '@tickwire/${name}';`).join('\n'),
      );
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: 'es2023',
        module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution,
        types: ['node'],
        exactOptionalPropertyTypes: true,
      };
      await project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['types.ts'] }));
      const tsc = fileURLToPath(new URL('../../node_modules/@typescript/native/bin/tsc', import.meta.url));
      const output = await project
        .node(tsc, '-p', '.')
        .catch(
          ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => `failed: ${stdout}${stderr}`,
        );
      expect(output).toBe('');
    },
  );

  it('[E128] the page in @tickwire/client shows a price without a bundler', async () => {
    await using served = await startMemoryGateway();
    await served.publish('ticker.sim.BTC-USD', { type: 'price.ticker', last: '61234.50' });
    await using files = await serveFolder(project.root);
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      const gateway = served.url.replace('http', 'ws');
      await copyFile(
        join(project.root, 'node_modules/@tickwire/client/example.html'),
        join(project.root, 'example.html'),
      );
      await page.goto(`${files.url}/example.html?gateway=${gateway}`);
      await waitFor('the price', async () => (await page.textContent('#price')) === '61234.50');
      expect(await page.textContent('#state')).toBe('live');
    } finally {
      await browser.close();
    }
  });
});
