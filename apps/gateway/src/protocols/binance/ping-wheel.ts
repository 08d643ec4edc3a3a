import { createWheel, type Wheel, type WheelMember } from '../../timing/wheel.js';

const slotCount = 20;
/** Pings a client may leave without answer: at 20 s a minute. */
const maxUnanswered = 3;

export interface Pinged {
  ping(payload: Uint8Array): void;
  /** It answered none of its pings in time. */
  timedOut(): void;
}

/** One connection's place in the heartbeat. */
export interface Pulse {
  /** Only a pong with the payload of a ping not answered yet counts. */
  ponged(payload: Uint8Array): void;
  stop(): void;
}

/**
 * Pings each client every `intervalMs` with the time in milliseconds as payload, and gives one up that has not answered
 * for three intervals.
 */
export interface PingWheel {
  add(pinged: Pinged): Pulse;
}

class Member implements Pulse, WheelMember {
  wheelSlot = 0;
  readonly #pinged: Pinged;
  readonly #wheel: Wheel<Member>;
  /** Payloads of the pings not answered, oldest first. */
  readonly #unanswered: string[] = [];

  constructor(pinged: Pinged, wheel: Wheel<Member>) {
    this.#pinged = pinged;
    this.#wheel = wheel;
  }

  ping(payload: string): void {
    if (this.#unanswered.length >= maxUnanswered) {
      this.#pinged.timedOut();
      return;
    }
    this.#unanswered.push(payload);
    this.#pinged.ping(Buffer.from(payload));
  }

  ponged(payload: Uint8Array): void {
    const at = this.#unanswered.indexOf(Buffer.from(payload).toString('latin1'));
    // The answer to a later ping also counts for the earlier ones.
    if (at !== -1) this.#unanswered.splice(0, at + 1);
  }

  stop(): void {
    this.#wheel.remove(this);
  }
}

export const createPingWheel = (intervalMs: number, now: () => number = Date.now): PingWheel => {
  const wheel = createWheel<Member>({ intervalMs, slotCount, visit: (member) => member.ping(String(now())) });
  return {
    add(pinged) {
      const member = new Member(pinged, wheel);
      wheel.add(member);
      return member;
    },
  };
};
