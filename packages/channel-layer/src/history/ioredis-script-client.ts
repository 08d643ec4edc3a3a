import type { Cluster, Redis } from 'ioredis';
import { createScriptClient } from './script-client.js';
import type { ScriptClient } from './scripts.js';

/** Runs scripts through an ioredis client, which stays its maker's to configure and to close. */
export const createIoredisScriptClient = (redis: Redis | Cluster): ScriptClient =>
  createScriptClient((command, args) => redis.callBuffer(command, [...args]));
