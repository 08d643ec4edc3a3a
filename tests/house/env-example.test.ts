import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { gatewayConfig } from '@tickwire/gateway';
import { producerConfig } from '@tickwire/producer';
import { ConfigError, redisConfig } from '@tickwire/runtime';
import { root } from './repository.js';

const example = readFileSync(join(root, '.env.example'), 'utf8');
const names = [...example.matchAll(/^# ([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);

const readers = {
  gateway: gatewayConfig,
  producer: producerConfig,
  redis: (environment: Readonly<Record<string, string>>) => redisConfig({ REDIS_URL: 'redis://one', ...environment }),
};

/** What a process says of a variable; nothing where it has its own opinion of the value. */
const hintsOf = (reader: keyof typeof readers, name: string): readonly string[] => {
  try {
    return readers[reader]({ [name]: 'x' }).hints.filter((hint) => hint.includes('did you mean'));
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
};

describe('.env.example', () => {
  test("no variable of one process is taken for a slip of another one's", () => {
    expect(names.length).toBeGreaterThan(60);
    for (const reader of ['gateway', 'producer', 'redis'] as const)
      expect(names.flatMap((name) => hintsOf(reader, name))).toEqual([]);
  });
});
