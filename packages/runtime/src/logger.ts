import { readFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The version of all packages. */
export const version = String((manifest as { readonly version: string }).version);

export type { Logger } from 'pino';

export const logLevels = ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `auto` is readable on a terminal, and JSON elsewhere. */
export const logFormats = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Each line has its time in ISO 8601, its level by name, and the version. */
export const createLogger = (name: string, level: LogLevel, format: LogFormat = 'auto'): Logger => {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const common = { name, level, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = isPretty
    ? pino({
        ...common,
        transport: {
          target: 'pino-pretty',
          options: {
            ignore: 'pid,hostname,version',
            translateTime: 'SYS:HH:MM:ss.l',
            colorize: process.stdout.isTTY === true,
          },
        },
      })
    : pino({ ...common, formatters: { level: (label) => ({ level: label }) } });
  return logger.child({ version });
};
