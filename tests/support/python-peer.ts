import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.js';

/** A Python process with a channels_redis layer, as in a Django application. */
export interface PythonPeer extends AsyncDisposable {
  readonly version: string;
  /** Everything that the layer's channels received, in order. */
  readonly received: readonly { readonly channel: string; readonly message: Readonly<Record<string, unknown>> }[];
  /** Adds a new channel to the group and reads from it. Python does not wait for Redis to acknowledge. */
  join(group: string): Promise<string>;
  groupSend(group: string, message: unknown): Promise<void>;
  send(channel: string, message: unknown): Promise<void>;
  /** Hex of the result of `msgpack.packb` or `json.dumps`. */
  pack(how: 'packb' | 'dumps', message: unknown): Promise<string>;
}

/** Arguments of `RedisPubSubChannelLayer`. */
export interface PythonLayerOptions {
  readonly hosts: readonly string[];
  readonly prefix?: string;
  readonly symmetric_encryption_keys?: readonly string[];
}

interface Answer {
  readonly event: 'ready' | 'done' | 'message';
  readonly version?: string;
  readonly id?: number;
  readonly result?: string;
  readonly channel?: string;
  readonly message?: unknown;
}

const script = fileURLToPath(new URL('./python/layer_peer.py', import.meta.url));
const venv = fileURLToPath(new URL('../../.cache/python-peer/', import.meta.url));

/** Path of a Python with channels_redis. @throws Error in one line if there is none. */
export const pythonPeerBin = (): string => {
  const chosen =
    process.env['PEER_PYTHON'] ?? ['bin/python', 'Scripts/python.exe'].map((end) => venv + end).find(existsSync);
  if (chosen === undefined) {
    throw new Error('no Python peer: `npm test` makes one, or set PEER_PYTHON to a Python that has channels_redis');
  }
  return chosen;
};

/** Whether that Python has a module: one from Debian packages has the layer, but not every client. */
export const pythonPeerHas = (module: string): boolean =>
  spawnSync(pythonPeerBin(), ['-c', `import ${module}`]).status === 0;

export const startPythonPeer = async (options: PythonLayerOptions): Promise<PythonPeer> => {
  const child: ChildProcess = spawn(pythonPeerBin(), [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // `once` would reject on an error that `find` reports better.
  const exited = new Promise((resolve) => child.once('close', resolve));
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  child.once('error', (error) => {
    complaints += error.message;
  });
  child.stdin?.on('error', () => {});
  const answers: Answer[] = [];
  const received: { channel: string; message: Readonly<Record<string, unknown>> }[] = [];
  if (child.stdout === null) throw new Error('no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if (answer.event !== 'message') answers.push(answer);
    else received.push({ channel: answer.channel ?? '', message: fromWire(answer.message) as Record<string, unknown> });
  });

  const find = (what: string, isIt: (answer: Answer) => boolean): Promise<Answer> =>
    waitFor(what, () => {
      if (child.exitCode !== null) throw new Error(`the Python peer ended with ${child.exitCode}: ${complaints}`);
      return answers.find(isIt);
    });

  const { version = '' } = await find('the Python peer to start', ({ event }) => event === 'ready');
  let lastId = 0;
  const command = async (fields: Readonly<Record<string, unknown>>): Promise<string> => {
    lastId += 1;
    const id = lastId;
    child.stdin?.write(`${JSON.stringify({ ...fields, id })}\n`);
    const answer = await find(`Python to ${fields['do']}`, (each) => each.id === id);
    return answer.result ?? '';
  };

  return {
    version,
    received,
    join: (group) => command({ do: 'join', group }),
    async groupSend(group, message) {
      await command({ do: 'group_send', group, message: toWire(message) });
    },
    async send(channel, message) {
      await command({ do: 'send', channel, message: toWire(message) });
    },
    pack: (how, message) => command({ do: how, message: toWire(message) }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

/** JSON has neither bytes nor integers beyond 2^53. */
const toWire = (value: unknown): unknown => {
  if (typeof value === 'bigint') return { $int: String(value) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWire(inner)]));
};

const fromWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== 'object' || value === null) return value;
  if ('$int' in value) return BigInt(String(value.$int));
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'hex'));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromWire(inner)]));
};
