import type { Scenario } from '../bench.js';
import { capacity } from './capacity.js';
import { compression } from './compression.js';
import { connectStorm } from './connect-storm.js';
import { drops } from './drops.js';
import { fanOut } from './fan-out.js';
import { feeds } from './feeds.js';
import { forecast } from './forecast.js';
import { growth } from './growth.js';
import { idleMemory } from './idle-memory.js';
import { perWrite } from './per-write.js';
import { quiet } from './quiet.js';
import { recoveryStorm } from './recovery-storm.js';
import { redisCluster } from './redis-cluster.js';
import { stalled } from './stalled.js';
import { sustained } from './sustained.js';
import { tls } from './tls.js';
import { watchlists } from './watchlists.js';
import { workers } from './workers.js';

/** In the order in which they run: scenarios with targets come first. */
export const allScenarios: readonly Scenario[] = [
  perWrite,
  watchlists,
  quiet,
  capacity,
  sustained,
  connectStorm,
  recoveryStorm,
  drops,
  workers,
  tls,
  redisCluster,
  stalled,
  idleMemory,
  compression,
  forecast,
  feeds,
  growth,
  fanOut,
];
