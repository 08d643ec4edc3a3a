export { ConfigError, type ConfigOf, type Environment, readAll, readEnvironment } from './environment.js';
export { closeServer, listen } from './listen.js';
export { createLogger, type Logger, type LogLevel, logLevels } from './logger.js';
export { operatorToken } from './operator-token.js';
export { createRecentEvents, type RecentEvent, type RecentEvents, type RecentEventsOptions } from './recent-events.js';
export { openRedisBackend, type RedisBackend, type RedisConfig, redisConfig } from './redis-backend.js';
export { type Running, runMain, StartError } from './run-main.js';
export { type Closable, createScope, type Scope, startInScope } from './scope.js';
export { createMemorySharedKeys, createRedisSharedKeys, type SharedKeys } from './shared-keys.js';
export { createStateLog, type StateLog } from './state-log.js';
export { createNoStateStore, type StateStore } from './state-store.js';
export {
  decimalNumber,
  oneOf,
  onOff,
  optionalNumber,
  optionalPort,
  port,
  wholeNumber,
  wordList,
} from './variables.js';
