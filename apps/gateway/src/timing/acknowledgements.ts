import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isIPv6, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { createStateLog, type Logger } from '@tickwire/runtime';

/** The TCP connections of this network namespace; only Linux has these files. */
const tables = { 4: '/proc/net/tcp', 6: '/proc/net/tcp6' } as const;
type Family = keyof typeof tables;

/** The fields of a socket that are read here. */
type Connection = Pick<
  Socket,
  'localPort' | 'remoteAddress' | 'remotePort' | 'bytesWritten' | 'writableLength' | 'destroyed'
>;

/**
 * Finds which bytes the other end of a TCP connection has acknowledged, because a client that only reads cannot answer
 * a ping. The other end may be a proxy: how much waits there is unknown.
 */
export interface Acknowledgements {
  /**
   * Calls back once when everything written to the socket so far is acknowledged; never, if the socket closes first.
   */
  whenAcknowledged(socket: Connection, callback: () => void): void;
}

export interface AcknowledgementsOptions {
  /** The lines of the system's table, in pieces, each in a turn of the event loop. @default Linux's table */
  readonly readTable?: (family: Family) => AsyncIterable<string>;
  /** While the table cannot be read, everything counts as acknowledged. */
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

interface Awaited {
  readonly socket: Connection;
  readonly family: Family;
  readonly until: number;
  readonly callback: () => void;
}

/** How often the table is read while somebody waits for it. */
const lookMs = 100;
/** The table grows with the connections, at some 3 us per line: reading it takes less than a tenth of the time. */
const lookMsPerLine = 0.05;
const maxLookMs = 1_000;

/** Undefined if the system has no such table. */
export const createAcknowledgements = (options: AcknowledgementsOptions): Acknowledgements | undefined => {
  if (options.readTable === undefined && !existsSync(tables[4])) return undefined;
  const { readTable = readSystemTable, logger } = options;
  const unreadable = createStateLog({ logger, trouble: 'the table of TCP connections cannot be read' });
  /** By our port and the other end's address, in the table's form. */
  const awaited = new Map<string, Awaited>();
  let timer: NodeJS.Timeout | undefined;

  const settle = (key: string, acknowledged: number): void => {
    const each = awaited.get(key);
    if (each === undefined || acknowledged < each.until) return;
    awaited.delete(key);
    each.callback();
  };

  /** Returns how many lines the table has. */
  const lookAt = async (family: Family): Promise<number> => {
    // Bytes written while the table is read do not count: the table may be older.
    const sent = new Map<string, number>();
    for (const [key, { socket, family: each }] of awaited) {
      if (each === family) sent.set(key, socket.bytesWritten - socket.writableLength);
    }
    if (sent.size === 0) return 0;
    let count = 0;
    for await (const lines of readTable(family)) {
      for (const line of lines.split('\n')) {
        count += 1;
        const { key, queued } = parseLine(line);
        const bytes = sent.get(key);
        if (bytes === undefined) continue;
        sent.delete(key);
        settle(key, bytes - queued);
      }
    }
    // The socket closed, or the table does not show it: nobody waits for what cannot be seen.
    for (const [key, bytes] of sent) settle(key, bytes);
    return count;
  };

  const look = async (): Promise<void> => {
    let lines = 0;
    for (const [key, { socket }] of awaited) if (socket.destroyed) awaited.delete(key);
    try {
      lines = (await lookAt(4)) + (await lookAt(6));
    } catch (error) {
      unreadable.failed({ err: error });
      for (const [key, { until }] of [...awaited]) settle(key, until);
    }
    timer = undefined;
    if (awaited.size > 0) lookLater(Math.min(maxLookMs, Math.max(lookMs, lines * lookMsPerLine)));
  };

  const lookLater = (afterMs: number): void => {
    if (timer === undefined) timer = setTimeout(() => void look(), afterMs).unref();
  };

  return {
    whenAcknowledged(socket, callback) {
      const { localPort, remoteAddress, remotePort, bytesWritten: until } = socket;
      if (localPort === undefined || remoteAddress === undefined || remotePort === undefined) return;
      const family = isIPv6(remoteAddress) ? 6 : 4;
      awaited.set(keyOf(localPort, remoteAddress, remotePort), { socket, family, until, callback });
      lookLater(lookMs);
    },
  };
};

async function* readSystemTable(family: Family): AsyncGenerator<string> {
  const file = await open(tables[family]);
  try {
    let rest = '';
    // The kernel returns whole lines, about 400 at a time. The others follow in the next turn of the event loop.
    for await (const chunk of file.createReadStream({ encoding: 'latin1', autoClose: false })) {
      const text = rest + String(chunk);
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      yield text.slice(0, end);
    }
    yield rest;
  } finally {
    await file.close();
  }
}

/** `  12: 0100007F:1F40 0100007F:C350 01 00000000:00000000 …`: local and remote address, state, bytes to send and read. */
const parseLine = (line: string): { readonly key: string; readonly queued: number } => {
  const [, local = '', remote = '', , queues = ''] = line.trim().split(' ', 8);
  return { key: `${local.slice(-4)} ${remote}`, queued: Number.parseInt(queues, 16) };
};

/** Addresses are 32-bit words in the byte order of this machine. */
export const keyOf = (localPort: number, address: string, port: number): string => {
  const bytes = isIPv6(address) ? bytesOfIPv6(address) : Buffer.from(address.split('.').map(Number));
  if (endianness() === 'LE') bytes.swap32();
  const [ours, theirs] = [localPort, port].map((each) => each.toString(16).padStart(4, '0'));
  return `${ours} ${bytes.toString('hex')}:${theirs}`.toUpperCase();
};

const bytesOfIPv6 = (address: string): Buffer => {
  const bytes = Buffer.alloc(16);
  // A URL writes an address in hexadecimal groups, even one with dots; the table has no zones.
  const [text = ''] = address.split('%');
  const [before = '', after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  for (const [index, group] of groups(before).entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  for (const [index, group] of [...groups(after ?? '')].reverse().entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 14 - 2 * index);
  }
  return bytes;
};
