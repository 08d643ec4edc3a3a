export type { Backend } from './backend.js';
export { openMemoryBackend } from './backend.js';
export { ConfigError, type ConfigOf, type Environment, nearName, readAll, readEnvironment } from './environment.js';
export { closeServer, listen } from './listen.js';
export { createLogger, droppedLogLines, type Logger, logFormats, logLevels, version } from './logger.js';
export { hintsWithoutRedis, openRedisBackend, type RedisConfig, redisConfig } from './redis-backend.js';
export { askedForHelp, failureOf, print, type Running, runMain, StartError } from './run-main.js';
export { createScope, type Scope, settledWithin, startInScope } from './scope.js';
export { createMemorySharedKeys, type SharedKeys } from './shared-keys.js';
export { createStateLog, type StateLog } from './state-log.js';
export { createNoStateStore, type StateStore } from './state-store.js';
export {
  decimalNumber,
  oneOf,
  onOff,
  operatorToken,
  optionalNumber,
  optionalPort,
  port,
  readPem,
  wholeNumber,
  wordList,
} from './variables.js';
