export {
  ConfigError,
  decimalNumber,
  type Environment,
  oneOf,
  parseEnvironment,
  wholeNumber,
  wordList,
} from './environment.js';
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
