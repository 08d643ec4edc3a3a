import type { Scenario } from '../bench.js';
import { capacity } from './capacity.js';
import { compression } from './compression.js';
import { connectStorm } from './connect-storm.js';
import { fanOut } from './fan-out.js';
import { feeds } from './feeds.js';
import { forecast } from './forecast.js';
import { growth } from './growth.js';
import { idleMemory } from './idle-memory.js';
import { perWrite } from './per-write.js';
import { stalled } from './stalled.js';
import { sustained } from './sustained.js';

/** In the order in which they run: those that decide about targets first. */
export const allScenarios: readonly Scenario[] = [
  perWrite,
  capacity,
  sustained,
  connectStorm,
  stalled,
  idleMemory,
  compression,
  forecast,
  feeds,
  growth,
  fanOut,
];
