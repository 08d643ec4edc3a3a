import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost:6379', ['redis://localhost:6379']],
    ['rediss://u:p@host/0, redis://b', ['rediss://u:p@host/0', 'redis://b']],
    ['unix:///run/redis.sock', ['unix:///run/redis.sock']],
  ])('[R3] %s names servers', (text, hosts) => {
    expect(parseRedisUrl(text)).toEqual({ hosts });
  });

  it('[R3] a sentinel URL names a master', () => {
    expect(parseRedisUrl('sentinel://user:p%40ss@s1:26380,s2/mymaster?db=2')).toEqual({
      hosts: [
        {
          sentinels: [{ host: 's1', port: 26_380 }, { host: 's2' }],
          name: 'mymaster',
          username: 'user',
          password: 'p@ss',
          db: 2,
        },
      ],
    });
    expect(parseRedisUrl('sentinel://s1/mymaster')).toEqual({
      hosts: [{ sentinels: [{ host: 's1' }], name: 'mymaster' }],
    });
  });

  it('[R3] a sentinel URL says how to log in to the Sentinels, and whether they speak TLS', () => {
    expect(parseRedisUrl('sentinel+tls://:p@s1,s2:26380/m?sentinelUsername=w&sentinelPassword=a%26b&db=1')).toEqual({
      hosts: [
        {
          sentinels: [{ host: 's1' }, { host: 's2', port: 26_380 }],
          name: 'm',
          password: 'p',
          db: 1,
          sentinelUsername: 'w',
          sentinelPassword: 'a&b',
          tls: {},
        },
      ],
    });
  });

  it('[R3] a cluster URL names some of its nodes', () => {
    expect(parseRedisUrl('cluster://user:p%40ss@one:7000,two')).toEqual({
      cluster: {
        seeds: [
          { host: 'one', port: 7_000 },
          { host: 'two', port: 6_379 },
        ],
        username: 'user',
        password: 'p@ss',
      },
    });
    expect(parseRedisUrl('cluster+tls://:secret@[::1]:7000, two:7001/')).toEqual({
      cluster: {
        seeds: [
          { host: '::1', port: 7_000 },
          { host: 'two', port: 7_001 },
        ],
        password: 'secret',
        tls: {},
      },
    });
  });

  it.each([
    ...[
      '',
      'localhost',
      'http://localhost',
      'redis://a,http://b',
      'sentinel://s1',
      'sentinel:///m',
      'sentinel://s1/m?db=x',
      'sentinel://s1/m?tls=1',
      'redis://localhost/name',
      'redis://localhost/1/2',
      'redis://:100%@localhost',
      'sentinel://:100%@s1/m',
      'cluster://:100%@one',
    ],
    ...[
      'cluster://',
      'cluster:one',
      'cluster://a,,b',
      'cluster://a:0',
      'cluster://a:70000',
      'cluster://a:b',
      'cluster://a/1',
    ],
  ])('[R3] %j is rejected', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });
});
