import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { waitFor } from './wait-for.js';

/** One page of a real browser other than Chromium. */
export interface DrivenPage extends AsyncDisposable {
  readonly version: string;
  open(url: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** The value of an expression, which must be JSON. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** A PNG image. */
  screenshot(): Promise<Buffer>;
  /** Errors of scripts and of the console since the start. */
  readonly troubles: readonly string[];
}

interface Answer {
  readonly id?: number;
  readonly type: 'success' | 'error' | 'event';
  readonly method?: string;
  readonly params?: { readonly text?: string; readonly level?: string };
  readonly result?: Record<string, unknown>;
  readonly message?: string;
}

const firefoxBin = (): string => process.env['FIREFOX_BIN'] ?? '/usr/bin/firefox-esr';

/** Firefox makes no requests of its own. */
const preferences = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.server': 'data:,',
  'remote.active-protocols': 1,
};

/** Firefox without a window, driven by WebDriver BiDi. */
export const startFirefox = async (): Promise<DrivenPage> => {
  const profile = await mkdtemp(join(tmpdir(), 'tickwire-firefox-'));
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  await writeFile(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'];
  const child = spawn(firefoxBin(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return await openSession(await addressOf(child), end);
  } catch (error) {
    await end();
    throw error;
  }
};

const addressOf = async (child: ChildProcess): Promise<string> => {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.on('error', (error) => {
    output += error.message;
  });
  return waitFor(
    `Firefox to listen, which says ${output}`,
    () => {
      if (child.exitCode !== null) throw new Error(`Firefox ended: ${output}`);
      return /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(output)?.[1];
    },
    60_000,
  );
};

const openSession = async (address: string, end: () => Promise<void>): Promise<DrivenPage> => {
  const socket = new WebSocket(`${address}/session`);
  const waiting = new Map<number, (answer: Answer) => void>();
  const troubles: string[] = [];
  let id = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    if (answer.method === 'log.entryAdded' && answer.params?.level === 'error') troubles.push(answer.params.text ?? '');
  });
  await once(socket, 'open');

  const send = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    id += 1;
    const mine = id;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(mine, resolve);
      socket.send(JSON.stringify({ id: mine, method, params }));
    });
    waiting.delete(mine);
    if (answer.type === 'error') throw new Error(`${method}: ${answer.message}`);
    return answer.result ?? {};
  };

  const session = await send('session.new', { capabilities: {} });
  const { browserVersion } = session['capabilities'] as { readonly browserVersion: string };
  await send('session.subscribe', { events: ['log.entryAdded'] });
  const { contexts } = (await send('browsingContext.getTree')) as { contexts: readonly { readonly context: string }[] };
  const context = contexts[0]?.context;
  return {
    version: browserVersion,
    troubles,
    open: async (url) => void (await send('browsingContext.navigate', { context, url, wait: 'complete' })),
    resize: async (width, height) =>
      void (await send('browsingContext.setViewport', { context, viewport: { width, height } })),
    async evaluate<Value>(expression: string) {
      const wanted = { expression: `JSON.stringify(${expression}) ?? 'null'`, target: { context }, awaitPromise: true };
      const { result } = (await send('script.evaluate', wanted)) as { result?: { readonly value?: string } };
      if (result?.value === undefined) throw new Error(`${expression} has no value`);
      return JSON.parse(result.value) as Value;
    },
    async screenshot() {
      const { data } = await send('browsingContext.captureScreenshot', { context });
      return Buffer.from(String(data), 'base64');
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await end();
    },
  };
};
