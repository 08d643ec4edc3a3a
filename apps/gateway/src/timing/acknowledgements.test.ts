import { expect, test } from '@jest/globals';
import { waitFor } from '../../../../tests/support/wait-for.js';
import {
  type Acknowledgements,
  type AcknowledgementsOptions,
  createAcknowledgements,
  keyOf,
} from './acknowledgements.js';

type Connection = Parameters<Acknowledgements['whenAcknowledged']>[0];

const warnings: unknown[] = [];
const start = (readTable: AcknowledgementsOptions['readTable']): Acknowledgements => {
  warnings.length = 0;
  const logger = { warn: (...line: unknown[]) => warnings.push(line[1]), info: () => {} };
  const acknowledgements = createAcknowledgements({ logger, ...(readTable && { readTable }) });
  if (acknowledgements === undefined) throw new Error('not available');
  return acknowledgements;
};

const connection = (remotePort: number, fields: Partial<Connection> = {}): Connection => ({
  localPort: 8_000,
  remoteAddress: '127.0.0.1',
  remotePort,
  bytesWritten: 500,
  writableLength: 0,
  destroyed: false,
  ...fields,
});

/** As Linux has it, of connections at 127.0.0.1:8000, by the other end's port. */
const tableOf = (queued: ReadonlyMap<number, number>): string => {
  const rows = [...queued].map(([port, bytes], index) => {
    const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const queue = bytes.toString(16).toUpperCase().padStart(8, '0');
    return `  ${index}: 0100007F:1F40 ${remote} 01 ${queue}:00000000 01:00000014 00000000     0        0 219891 2 0000`;
  });
  return ['  sl  local_address rem_address   st tx_queue rx_queue tr tm->when', ...rows, ''].join('\n');
};

test('[G127] what the other end acknowledged is found out of what the kernel still holds', async () => {
  const queued = new Map([
    [50_000, 1],
    [50_001, 300],
  ]);
  const families: number[] = [];
  const acknowledgements = start(async function* (family) {
    families.push(family);
    yield tableOf(queued);
  });
  const known: string[] = [];
  const growing = { ...connection(50_001) };
  acknowledgements.whenAcknowledged(connection(50_000), () => known.push('first'));
  acknowledgements.whenAcknowledged(growing, () => known.push('second'));
  await waitFor('two looks', () => families.length >= 2);
  expect(known).toEqual([]);
  // What was written later does not count; what Node still holds is in no queue of the kernel.
  Object.assign(growing, { bytesWritten: 900, writableLength: 101 });
  queued.set(50_000, 0);
  await waitFor('the first', () => known.length === 1);
  Object.assign(growing, { writableLength: 100 });
  await waitFor('the second', () => known.length === 2);
  acknowledgements.whenAcknowledged(connection(50_009, { destroyed: true }), () => known.push('gone'));
  acknowledgements.whenAcknowledged(connection(50_000), () => known.push('third'));
  await waitFor('the third', () => known.length === 3);
  expect(known).toEqual(['first', 'second', 'third']);
  expect(new Set(families)).toEqual(new Set([4]));
});

test('[G127] where the table cannot be read, or lacks a connection, everything counts as acknowledged', async () => {
  let isReadable = false;
  // biome-ignore lint/correctness/useYield: it fails before
  const acknowledgements = start(async function* () {
    if (!isReadable) throw new Error('EMFILE');
  });
  let count = 0;
  acknowledgements.whenAcknowledged(connection(50_000), () => {
    count += 1;
  });
  await waitFor('the failure', () => count === 1);
  expect(warnings).toEqual(['the table of TCP connections cannot be read']);
  isReadable = true;
  acknowledgements.whenAcknowledged(connection(50_000), () => {
    count += 1;
  });
  await waitFor('the connection that is not there', () => count === 2);
});

test.each([
  ['127.0.0.1', 50_000, '1F40 0100007F:C350'],
  ['192.0.2.17', 80, '1F40 110200C0:0050'],
  ['::1', 50_000, '1F40 00000000000000000000000001000000:C350'],
  ['::ffff:192.0.2.17', 50_000, '1F40 0000000000000000FFFF0000110200C0:C350'],
  ['2001:db8::8:800:200c:417a', 443, '1F40 B80D012000000000000808007A410C20:01BB'],
])('[G127] %s port %i is %s in the table', (address, port, key) => {
  expect(keyOf(8_000, address, port)).toBe(key);
});
