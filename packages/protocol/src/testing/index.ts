export { createManualClock, type ManualClock } from './manual-clock.js';
export { createRandom, freshSeed, type Random } from './random.js';
