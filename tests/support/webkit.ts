import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DrivenPage } from './firefox.js';
import { freePort } from './free-port.js';
import { waitFor } from './wait-for.js';

/** The small browser that comes with WebKitGTK. It has no headless mode, so it gets its own virtual screen. */
const browserBin = (): string => {
  const folders = readdirSync('/usr/lib').flatMap((folder) =>
    ['4.1', '4.0'].map((of) => join('/usr/lib', folder, `webkit2gtk-${of}`)),
  );
  const files = folders.map((folder) => join(folder, 'MiniBrowser'));
  return files.find((file) => existsSync(file)) ?? 'MiniBrowser';
};
const driverBin = (): string => process.env['WEBKIT_DRIVER_BIN'] ?? '/usr/bin/WebKitWebDriver';

type Call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

const createCall =
  (port: number): Call =>
  async (method, path, body) => {
    const request = {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    };
    const response = await fetch(new URL(path, `http://127.0.0.1:${port}`), request);
    const { value } = (await response.json()) as { readonly value: unknown };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value).slice(0, 300)}`);
    return value;
  };

/** Starts a virtual screen; resolves with its name. */
const startScreen = async (): Promise<{ readonly display: string; readonly child: ChildProcess }> => {
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = (await once(child.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { display: `:${String(number).trim()}`, child };
};

export const startWebkit = async (): Promise<DrivenPage> => {
  const screen = await startScreen();
  const port = await freePort();
  const driver = spawn(driverBin(), [`--port=${port}`], {
    stdio: 'ignore',
    // Its sandbox needs permissions that a container does not grant.
    env: { ...process.env, DISPLAY: screen.display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LANG: 'C.UTF-8' },
  });
  const call = createCall(port);
  const end = async (): Promise<void> => {
    for (const child of [driver, screen.child]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  };
  try {
    await waitFor(
      'WebKitWebDriver to answer',
      () =>
        call('GET', '/status').then(
          () => true,
          () => false,
        ),
      30_000,
    );
    const options = { binary: browserBin(), args: ['--automation'] };
    const session = (await call('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
    })) as { readonly sessionId: string; readonly capabilities: { readonly browserVersion: string } };
    const path = `/session/${session.sessionId}`;
    return {
      version: session.capabilities.browserVersion,
      // The driver does not report what a page logs.
      troubles: [],
      open: async (url) => void (await call('POST', `${path}/url`, { url })),
      resize: async (width, height) => void (await call('POST', `${path}/window/rect`, { width, height })),
      async evaluate<Value>(expression: string) {
        const script = `return JSON.stringify(${expression}) ?? 'null'`;
        return JSON.parse(String(await call('POST', `${path}/execute/sync`, { script, args: [] }))) as Value;
      },
      screenshot: async () => Buffer.from(String(await call('GET', `${path}/screenshot`)), 'base64'),
      async [Symbol.asyncDispose]() {
        await call('DELETE', path).catch(() => {});
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};
