import { describe, expect, test } from '@jest/globals';
import { socketBounds } from './open-files.js';

describe('the sockets a gateway may have', () => {
  test.each([
    [50_000, undefined, { connections: 50_000, sockets: 54_096 }],
    [50_000, 1_048_576, { connections: 50_000, sockets: 54_096 }],
    [50_000, 20_000, { connections: 17_884, sockets: 19_872 }],
    [50_000, 256, { connections: 172, sockets: 192 }],
    [10, 256, { connections: 10, sockets: 192 }],
    [10, 1, { connections: 1, sockets: 1 }],
  ])('[GL22] with MAX_CONNECTIONS %i and %p open files: %o', (maxConnections, openFiles, bounds) => {
    expect(socketBounds(maxConnections, openFiles)).toEqual(bounds);
  });
});
