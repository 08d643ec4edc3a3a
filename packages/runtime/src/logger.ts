import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines, or readable lines on a terminal. */
export const createLogger = (name: string, level: LogLevel): Logger =>
  pino({
    name,
    level,
    ...(process.stdout.isTTY && {
      transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' } },
    }),
  });
