import { readFileSync } from 'node:fs';
import { types } from 'node:util';
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

/** Bound on lines that wait for a full disk or a slow reader. */
const maxWaitingBytes = 4_194_304;

let droppedLines = 0;

/** Lines of this process's log that were dropped because too many could not be written. */
export const droppedLogLines = (): number => droppedLines;

type Output = ReturnType<typeof pino.destination>;
let output: Output | undefined;

/**
 * Standard output, where a line that cannot be written waits and is tried again with the next one. An error that nobody
 * listens to would end the process, and a flush that fails repeats for ever, so that the end would never come.
 */
const standardOutput = (): Output => {
  if (output !== undefined) return output;
  const opened = pino.destination({ dest: 1, maxLength: maxWaitingBytes });
  let isFailing = false;
  opened.on('error', () => {
    isFailing = true;
  });
  opened.on('write', () => {
    isFailing = false;
  });
  opened.on('drop', () => {
    droppedLines += 1;
  });
  const flush = opened.flushSync.bind(opened);
  opened.flushSync = () => {
    if (!isFailing) flush();
  };
  output = opened;
  return opened;
};

const maxCauses = 6;

const isFault = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

/**
 * What was wrong, what caused it, and where: an incident is read in lines, not in stacks. An error of the program keeps
 * the stack of its root, for the report. A `fetch` that failed is a TypeError too, but its root is another.
 */
export const briefError = (error: unknown): unknown => {
  if (!types.isNativeError(error)) return error;
  const messages: string[] = [];
  let cause: unknown = error;
  let root: Error = error;
  for (let depth = 0; depth < maxCauses && types.isNativeError(cause); depth += 1) {
    const { message, name } = cause;
    root = cause;
    cause = cause.cause;
    // Most of our own errors quote their cause.
    if (!messages.some((known) => known.includes(message || name))) messages.push(message || name);
  }
  const { code } = error as NodeJS.ErrnoException;
  const at = /^\s+at (.*)$/m.exec(error.stack ?? '')?.[1];
  return {
    type: error.name,
    message: messages.join(': '),
    ...(code !== undefined && { code }),
    ...(at !== undefined && { at }),
    ...(isFault(root) && { stack: root.stack }),
  };
};

/** Each line has its time in ISO 8601, its level by name, and the version. */
export const createLogger = (name: string, level: LogLevel, format: LogFormat = 'auto'): Logger => {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const hasStacks = level === 'debug' || level === 'trace';
  const serializers = { err: hasStacks ? pino.stdSerializers.err : briefError };
  const common = { name, level, timestamp: pino.stdTimeFunctions.isoTime, serializers };
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
    : pino({ ...common, formatters: { level: (label) => ({ level: label }) } }, standardOutput());
  return logger.child({ version });
};
