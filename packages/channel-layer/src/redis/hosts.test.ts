import { describe, expect, test } from '@jest/globals';
import { parseRedisHost, type RedisHost } from './hosts.js';

describe('hosts', () => {
  const labels: readonly (readonly [host: RedisHost, label: string])[] = [
    ['redis://example.com', 'example.com:6379'],
    ['rediss://user:secret@example.com:7000/3', 'example.com:7000'],
    ['unix:///run/redis.sock?db=2', '/run/redis.sock'],
    [{ url: 'rediss://:secret@example.com:7000', tls: { ca: 'secret' } }, 'example.com:7000'],
    [
      { sentinels: [{ host: 'a' }, { host: 'b', port: 1 }], name: 'm', password: 'secret', sentinelPassword: 'secret' },
      'master m of Sentinels a:26379, b:1',
    ],
  ];

  test('[L20] a host is named without its password', () => {
    expect(labels.map(([host]) => parseRedisHost(host).label)).toEqual(labels.map(([, label]) => label));
  });

  test('[L20] options for ioredis are passed on', () => {
    const [plain, , unix, tls, sentinel] = labels.map(([host]) => parseRedisHost(host));
    expect(plain).toMatchObject({ url: 'redis://example.com', options: {} });
    expect(unix?.url).toBe('/run/redis.sock?db=2');
    expect(tls?.options).toEqual({ tls: { ca: 'secret' } });
    expect(sentinel?.url).toBeUndefined();
    expect(sentinel?.options).toMatchObject({
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 1 },
      ],
      name: 'm',
      password: 'secret',
      sentinelPassword: 'secret',
    });
  });
});
