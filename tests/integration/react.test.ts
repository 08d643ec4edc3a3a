import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createHooks } from '@tickwire/react';
import { buildSync } from 'esbuild';
import { openSdk } from '../support/centrifuge-sdk.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

type Subscribe = (onChange: () => void) => () => void;

/** What React does with external stores: subscribes once a component, and renders it again when its view is another. */
const createRenderer = () => {
  let current: { use: <T>(subscribe: Subscribe, read: () => T) => T } | undefined;
  const host = {
    useSyncExternalStore<T>(subscribe: Subscribe, read: () => T): T {
      if (current === undefined) throw new Error('a hook outside of a component');
      return current.use(subscribe, read);
    },
  };
  const mount = (component: () => void) => {
    const undo = new Map<Subscribe, () => void>();
    let error: unknown;
    const render = (): void => {
      const effects: (() => void)[] = [];
      current = {
        use(subscribe, read) {
          const shown = read();
          if (!undo.has(subscribe)) {
            undo.set(subscribe, () => {});
            effects.push(() => {
              const check = (): void => {
                if (read() !== shown) render();
              };
              undo.set(subscribe, subscribe(check));
              check();
            });
          }
          return shown;
        },
      };
      try {
        component();
      } catch (thrown) {
        error = thrown;
      }
      current = undefined;
      for (const effect of effects) effect();
    };
    render();
    return {
      error: () => error,
      unmount() {
        for (const stop of undo.values()) stop();
      },
    };
  };
  return { host, mount };
};

const start = async () => {
  const served = await startMemoryGateway();
  const client = openSdk('JSON', served.url);
  const { host, mount } = createRenderer();
  return {
    ...served,
    client,
    mount,
    hooks: createHooks(host, client),
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await served[Symbol.asyncDispose]();
    },
  };
};

const ticker = 'ticker.sim.BTC-USD';

describe('@tickwire/react', () => {
  it('[E129] components of one channel share a subscription, which ends with the last and can begin again', async () => {
    await using app = await start();
    const { hooks, client, mount } = app;
    const seen: (string | undefined)[] = [];
    const states: string[] = [];
    mount(() => void states.push(hooks.useConnection()));
    const one = mount(() => void seen.push(hooks.useMessage(ticker)?.last));
    const two = mount(() => void hooks.useMessage(ticker));
    client.connect();
    await app.publish(ticker, { type: 'price.ticker', last: '1.5' });
    await waitFor('the price', () => seen.includes('1.5'));
    expect(Object.keys(client.subscriptions())).toEqual([ticker]);
    one.unmount();
    expect(Object.keys(client.subscriptions())).toEqual([ticker]);
    two.unmount();
    expect(Object.keys(client.subscriptions())).toEqual([]);
    const again: (string | undefined)[] = [];
    mount(() => void again.push(hooks.useMessage(ticker)?.last));
    expect(again).toEqual(['1.5']);
    await app.publish(ticker, { type: 'price.ticker', last: '1.6' });
    await waitFor('the next price', () => again.includes('1.6'));
    expect(states).toEqual(['offline', 'connecting', 'live']);
  });

  it('[E129] bars are a list whose last one grows', async () => {
    await using app = await start();
    let closes: readonly string[] = [];
    app.mount(() => {
      closes = app.hooks.useCandles('sim', 'BTC-USD', '1m').map(({ close }) => close);
    });
    app.client.connect();
    const bar = (start: number, close: string) =>
      app.publish('bar-1m.sim.BTC-USD', { type: 'price.bar', interval: '1m', start, close });
    for (const [at, close] of [
      [60_000, '1'],
      [120_000, '2'],
      [120_000, '3'],
    ] as const)
      await bar(at, close);
    await waitFor('both bars', () => closes.join() === '1,3');
  });

  it('[E129] a channel that does not exist throws where it is used', async () => {
    await using app = await start();
    const component = app.mount(() => void app.hooks.useMessage('ticker.sim.NO-SUCH'));
    app.client.connect();
    await waitFor('the error', () => component.error() !== undefined);
    expect(String(component.error())).toBe('Error: ticker.sim.NO-SUCH cannot be followed: unknown channel');
  });

  it('[E129] is smaller than 5 kB, its client included', () => {
    const entry = fileURLToPath(new URL('../../packages/react/src/index.ts', import.meta.url));
    const { outputFiles } = buildSync({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: 'esm',
      conditions: ['source'],
      write: false,
    });
    const text = outputFiles[0]?.text ?? '';
    expect(text).not.toContain('import');
    expect(gzipSync(text).length).toBeLessThan(5_000);
  });
});
