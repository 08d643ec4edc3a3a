import { type Grant, maxChannelsOf } from '../access/grant.js';

/** A token bucket: `perSecond` on average, `burst` at once. */
export class Allowance {
  #perSecond: number;
  #burst: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#atMs = nowMs;
  }

  /** Takes `count`; returns false and takes none if fewer are left. `nowMs` never goes back. */
  take(count: number, nowMs: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1_000);
    this.#atMs = nowMs;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }

  /** Changes the limits from now on; keeps at most `burst` of what is left. */
  change(perSecond: number, burst: number): void {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = Math.min(this.#left, burst);
  }
}

/** Limits on the requests of every client. */
export interface CommandLimits {
  readonly maxChannels: number;
  readonly commandsPerSecond: number;
}

/** A client that reconnects subscribes to all its channels at once: that is the burst. */
export const commandLimits = (grant: Grant, { maxChannels, commandsPerSecond }: CommandLimits) => {
  const perSecond = Math.min(grant.commandsPerSecond ?? commandsPerSecond, commandsPerSecond);
  return { perSecond, burst: maxChannelsOf(grant, maxChannels) + perSecond };
};
