import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOwnChannels, InvalidOwnChannels } from '@tickwire/protocol';
import { readOwnChannels } from './read-own-channels.js';

const defaults = { historySize: 1_000, historyTtlMs: 3_600_000, keys: [] };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'channels-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (content: unknown): string => {
  const path = join(folder, 'channels.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('the configuration of own channels', () => {
  it('[G180] without CHANNELS there are none; patterns alone are enough', () => {
    expect(readOwnChannels('')).toEqual([]);
    expect(readOwnChannels(' prices.*, news ,')).toEqual([
      { pattern: 'prices.*', schema: 'json', ...defaults },
      { pattern: 'news', schema: 'json', ...defaults },
    ]);
  });

  it('[G180] a channel has the rule of the first pattern that names it; groups of the gateways have none', () => {
    const channels = createOwnChannels(readOwnChannels('prices.*,prices.a,tickwire.*,catalo*'));
    const ruleOf = (channel: string) => channels.find(channel)?.pattern;
    expect(['prices.a', 'prices.a.b', 'prices', 'news', 'tickwire.fleet', 'catalog', 'prices.ä'].map(ruleOf)).toEqual([
      'prices.*',
      ...Array<undefined>(6).fill(undefined),
    ]);
  });

  it('[G181] a file has options of each pattern; channels with the name of a price have its schema', () => {
    const keys = ['a key of enough letters'];
    const path = fileOf({ 'ticker.mine.*': {}, 'trade.mine.*': { keys }, 'p.*': { schema: 'ticker', historySize: 5 } });
    expect(readOwnChannels(path)).toEqual([
      { pattern: 'ticker.mine.*', ...defaults, schema: 'ticker' },
      { pattern: 'trade.mine.*', ...defaults, schema: 'trade', keys },
      { pattern: 'p.*', ...defaults, schema: 'ticker', historySize: 5 },
    ]);
  });

  it.each<[string, () => string, RegExp]>([
    ['every channel', () => '*', /"\*" is not a pattern of channels as prices\.\*/],
    ['a name no channel has', () => 'prices.*,a b', /"a b" is not a pattern/],
    ['a channel of the producer', () => 'bar-1m.mine.*', /bar-1m\.mine\.\* are made by the producer alone/],
    ['a file that is not there', () => join(folder, 'none.json'), /none\.json cannot be read as JSON/],
    ['no JSON', () => fileOf('{'), /cannot be read as JSON/],
    ['an unknown option', () => fileOf({ 'a.*': { size: 5 } }), /channels\.json: a\.\*: .*size/],
    ['an option out of range', () => fileOf({ 'a.*': { historySize: 0 } }), /a\.\* historySize: /],
    ['a key that is short', () => fileOf({ 'a.*': { keys: ['x'] } }), /a\.\* keys 0: at least 16 characters/],
    ['another schema than the name says', () => fileOf({ 'trade.mine.*': { schema: 'json' } }), /of the schema trade/],
    ['a list', () => fileOf([]), /channels\.json: /],
  ])('[G181] %s is an error with a sentence', (_what, text, message) => {
    const parse = () => readOwnChannels(text());
    expect(parse).toThrow(InvalidOwnChannels);
    expect(parse).toThrow(message);
  });
});
