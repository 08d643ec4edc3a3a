export {
  ConfigError,
  decimalNumber,
  type Environment,
  oneOf,
  parseEnvironment,
  wholeNumber,
  wordList,
} from './environment.js';
export { listen } from './listen.js';
export { createLogger, type Logger, type LogLevel, logLevels } from './logger.js';
export { openRedisBackend, type RedisBackend, type RedisConfig, redisConfig } from './redis-backend.js';
export { type Running, runMain, StartError } from './run-main.js';
export { createNoStateStore, type StateStore } from './state-store.js';
