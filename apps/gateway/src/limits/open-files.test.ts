import { describe, expect, test } from '@jest/globals';
import { gatewayConfig } from '../config.js';
import { boundLimits, socketBounds } from './open-files.js';

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

  test('[GW4] holds for each worker: together they have room for as many times', () => {
    const { limits } = gatewayConfig({ MAX_CONNECTIONS: '1000000' });
    const one = boundLimits(limits, 1);
    const three = boundLimits(limits, 3);
    expect(three.bounds).toEqual(one.bounds);
    expect(three.limits.maxConnections).toBe(Math.min(1_000_000, 3 * one.bounds.connections));
    expect(boundLimits({ ...limits, maxConnections: 10 }, 3).limits.maxConnections).toBe(10);
  });
});
