import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { nearName, readAll, readEnvironment } from './environment.js';
import { decimalNumber, oneOf, onOff, optionalPort, port, wholeNumber, wordList } from './variables.js';

const groups = {
  one: {
    PORT: port(8_000),
    ADMIN_PORT: optionalPort(),
    RATE: decimalNumber(0.5, 10, 5),
    MODE: oneOf(['off', 'on']),
  },
  two: {
    IS_OPEN: onOff(),
    WORDS: wordList((word) => /^[a-z]+$/.test(word), 'lower-case words').default(['one']),
    API_KEY: wholeNumber(1_000, 9_999, 1_000),
    MAX_CONNECTIONS_PER_IP: wholeNumber(0, 9, 1),
  },
};
const read = (environment: Readonly<Record<string, string | undefined>>) => readEnvironment(groups, environment);
const one = { port: 8_000, rate: 5, mode: 'off' };
const two = { isOpen: false, words: ['one'], apiKey: 1_000, maxConnectionsPerIp: 1 };

describe('the environment', () => {
  it('[R1] uses defaults for variables that are not set, empty or unknown', () => {
    expect(read({}).values).toEqual({ one, two });
    expect(read({ PORT: '', HOME: '/x', MODE: undefined })).toEqual({ values: { one, two }, hints: [] });
    expect(read({}).values.one.adminPort).toBeUndefined();
  });

  it('[R1] reads the variables set, by names in camel case', () => {
    const given = { PORT: ' 0', ADMIN_PORT: '0', RATE: '0.5', MODE: 'ON', IS_OPEN: 'on', WORDS: ' a, b ,,c' };
    expect(read(given).values).toEqual({
      one: { port: 0, adminPort: 0, rate: 0.5, mode: 'on' },
      two: { ...two, isOpen: true, words: ['a', 'b', 'c'] },
    });
  });

  it.each([
    ['PORT', '65536', 'PORT is "65536", but must be a whole number from 0 to 65535'],
    ['PORT', '1e3', 'PORT is "1e3", but must be a whole number from 0 to 65535'],
    ['PORT', 'a\nb', 'PORT is "a\\nb", but must be a whole number from 0 to 65535'],
    ['ADMIN_PORT', '-1', 'ADMIN_PORT is "-1", but must be a whole number from 0 to 65535'],
    ['RATE', '0.4', 'RATE is "0.4", but must be a number from 0.5 to 10'],
    ['MODE', 'maybe', 'MODE is "maybe", but must be one of off, on'],
    ['WORDS', 'a,B', 'WORDS is "a,B", but must be lower-case words'],
    ['WORDS', ' , ', 'WORDS is ",", but must be lower-case words'],
  ])('[R1] rejects %s=%j in one line', (name, value, message) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`^${message.replace(/[\\"]/g, '\\$&')}$`));
  });

  it('[R1] reports all errors at once, each once, across several configurations too', () => {
    const environment = { PORT: 'x', WORDS: 'B', RATE: '', MODE: 'y', MAX_CONNECTIONS_PER_IP: '10' };
    const start = () => read(environment);
    expect(() => readAll(start, () => 5, start)).toThrow(
      [
        'PORT is "x", but must be a whole number from 0 to 65535',
        'MODE is "y", but must be one of off, on',
        'WORDS is "B", but must be lower-case words',
        'MAX_CONNECTIONS_PER_IP is "10", but must be a whole number from 0 to 9',
      ].join('\n'),
    );
    expect(
      readAll(
        () => 1,
        () => 'two',
      ),
    ).toEqual([1, 'two']);
    const broken = () => {
      throw new TypeError('a fault of ours');
    };
    expect(() => readAll(start, broken)).toThrow(TypeError);
  });

  it('[R120] spaces and line ends around a value are not part of it; those of a secret, and a blank value, are no guess', () => {
    const texts = { one: { HOST: z.string().default('0.0.0.0'), JWT_SECRET: z.string().optional() } };
    expect(readEnvironment(texts, { HOST: ' ::1\r\n', JWT_SECRET: 'a b\n' }).values.one).toEqual({
      host: '::1',
      jwtSecret: 'a b\n',
    });
    for (const blank of [' ', '\r', '\n'])
      expect(() => readEnvironment(texts, { HOST: blank, OTHER: ' ' })).toThrow(
        /^HOST is blank, but must be a value, or empty for none$/,
      );
  });

  it('[R120] quotes that a shell would have taken away cause a warning, which does not repeat them', () => {
    const texts = { one: { HOST: z.string(), JWT_SECRET: z.string(), NAME: z.string() } };
    expect(readEnvironment(texts, { HOST: '"::1"', JWT_SECRET: "'s'", NAME: 'the "one"', X: '"' }).hints).toEqual([
      'HOST has quotes around its value, which are taken as part of it: leave them out',
      'JWT_SECRET has quotes around its value, which are taken as part of it: leave them out',
    ]);
  });

  it('[R2] does not repeat a secret', () => {
    expect(() => read({ API_KEY: '77' })).toThrow(
      /^API_KEY is the value given, but must be a whole number from 1000 to 9999$/,
    );
  });

  it.each([
    ['MAX_CONNECTION_PER_IP', 'MAX_CONNECTIONS_PER_IP'],
    ['MAX_CONECTIONS_PER_IPS', 'MAX_CONNECTIONS_PER_IP'],
    ['max_connections_per_ip', 'MAX_CONNECTIONS_PER_IP'],
    ['APIKEY', 'API_KEY'],
    ['AIP_KEY', 'API_KEY'],
    ['PROT', 'PORT'],
    ['ADMINPORT', 'ADMIN_PORT'],
    ['TICKWIRE_PORT', 'PORT'],
  ])('[R1] %s may mean %s', (given, meant) => {
    expect(read({ [given]: 'x' }).hints).toEqual([`${given} is not a known variable: did you mean ${meant}?`]);
    expect(read({ [given]: 'x', [meant]: '' }).hints).toHaveLength(1);
  });

  it('[R1] says so where seconds may be meant', () => {
    const units = {
      one: { PING_MS: wholeNumber(0, 60_000, 25_000), PASS_MS: wholeNumber(0, 1_000, 0), PINGS: wholeNumber(0, 9, 5) },
    };
    const hintsOf = (environment: Readonly<Record<string, string>>) => readEnvironment(units, environment).hints;
    expect(hintsOf({ PING_MS: '25', PASS_MS: '20', PINGS: '5' })).toEqual([
      'PING_MS is 25 milliseconds, and 25000 by default: 25 seconds are 25000',
    ]);
    expect(hintsOf({ PING_MS: '0' })).toEqual([]);
    expect(hintsOf({ PING_MS: '100' })).toEqual([]);
  });

  it('[R1] gives no hint for variables of other software', () => {
    expect(nearName('SSL_CERT_FILE', ['TLS_CERT_FILE'])).toBeUndefined();
    expect(nearName('TSL_CERT_FILE', ['TLS_CERT_FILE'])).toBe('TLS_CERT_FILE');
  });

  it('[R1] gives no hint for other variables, nor for one beside the right one', () => {
    const foreign = [
      'HOME',
      'PATH',
      'PWD',
      'TERM',
      'SHLVL',
      'NODE_ENV',
      'PS1',
      'LANG',
      'REDIS_PORT',
      'MODEL_PATH',
      '_',
    ];
    expect(read(Object.fromEntries(foreign.map((name) => [name, 'x']))).hints).toEqual([]);
    expect(read({ PORTS: '1', PORT: '1' }).hints).toEqual([]);
  });
});
