import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optionFields, optionParameters, optionsOf, parsePosition, parsePositions } from './channel-options.js';

const inJson = z.object(optionFields);
const inUrl = z.object(optionParameters);

describe('options of a channel', () => {
  it('[G135] are the same in JSON and in a URL', () => {
    expect(optionsOf(inJson.parse({ interval: 20, last: 0 }))).toEqual({ intervalMs: 20, last: 0 });
    expect(optionsOf(inUrl.parse({ interval: '60000', last: '1000' }))).toEqual({ intervalMs: 60_000, last: 1_000 });
    expect([optionsOf(inJson.parse({})), optionsOf(inUrl.parse({}))]).toEqual([{}, {}]);
  });

  it.each(['19', '60001', '', ' 20', '20.0', '2e1', '-20', '0x20', '٢٠', '9'.repeat(400)])(
    '[G135] an interval of %j is rejected with its bounds',
    (interval) => {
      const issue = (schema: typeof inJson | typeof inUrl, value: unknown) =>
        schema.safeParse({ interval: value }).error?.issues[0]?.message;
      expect(issue(inUrl, interval)).toBe('must be a whole number from 20 to 60000');
      expect(issue(inJson, interval)).toBe('must be a whole number from 20 to 60000');
    },
  );

  it('[G136] a position is an epoch, which may hold colons, and a seq', () => {
    expect(parsePosition('e:7')).toEqual({ epoch: 'e', seq: 7 });
    expect(parsePosition('a:b:0')).toEqual({ epoch: 'a:b', seq: 0 });
    for (const odd of ['', 'e', ':7', 'e:', 'e:-1', 'e:1.5', 'e:99999999999999999999', 'e:7 '])
      expect([odd, parsePosition(odd)]).toEqual([odd, undefined]);
  });

  it('[G136] positions are those of channels, separated by commas', () => {
    expect(parsePositions('')).toEqual(new Map());
    expect(parsePositions('a:e:1,b:f:g:2,')).toEqual(
      new Map([
        ['a', { epoch: 'e', seq: 1 }],
        ['b', { epoch: 'f:g', seq: 2 }],
      ]),
    );
    for (const odd of ['a', 'a:e', 'a:1', ':e:1', 'a::1', 'a:e:1,b'])
      expect([odd, parsePositions(odd)]).toEqual([odd, undefined]);
  });
});
