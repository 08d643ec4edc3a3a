import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost:6379', ['redis://localhost:6379']],
    ['rediss://u:p@host/0, redis://b', ['rediss://u:p@host/0', 'redis://b']],
    ['unix:///run/redis.sock', ['unix:///run/redis.sock']],
  ])('[R3] %s names servers', (text, hosts) => {
    expect(parseRedisUrl(text)).toEqual(hosts);
  });

  it('[R3] a sentinel URL names a master', () => {
    expect(parseRedisUrl('sentinel://user:p%40ss@s1:26380,s2/mymaster?db=2')).toEqual([
      {
        sentinels: [{ host: 's1', port: 26_380 }, { host: 's2' }],
        name: 'mymaster',
        username: 'user',
        password: 'p@ss',
        db: 2,
      },
    ]);
    expect(parseRedisUrl('sentinel://s1/mymaster')).toEqual([{ sentinels: [{ host: 's1' }], name: 'mymaster' }]);
  });

  it.each(['', 'localhost', 'http://localhost', 'redis://a,http://b', 'sentinel://s1', 'sentinel:///m'])(
    '[R3] %j is refused',
    (text) => {
      expect(parseRedisUrl(text)).toBeUndefined();
    },
  );
});
