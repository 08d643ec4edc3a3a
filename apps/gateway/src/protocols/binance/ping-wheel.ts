const slotCount = 20;
/** Pings a client may leave without answer: at 20 s a minute. */
const maxUnanswered = 3;

/** What is pinged. */
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
 * for three intervals. One timer for all, which stands still without clients; they are spread over its slots.
 */
export interface PingWheel {
  add(pinged: Pinged): Pulse;
}

class Member implements Pulse {
  /** Payloads of the pings not answered, oldest first. */
  readonly unanswered: string[] = [];
  readonly pinged: Pinged;
  readonly slot: Set<Member>;
  readonly #onStop: (member: Member) => void;

  constructor(pinged: Pinged, slot: Set<Member>, onStop: (member: Member) => void) {
    this.pinged = pinged;
    this.slot = slot;
    this.#onStop = onStop;
  }

  ponged(payload: Uint8Array): void {
    const at = this.unanswered.indexOf(Buffer.from(payload).toString('latin1'));
    // Who answers a later ping has shown to be there for the earlier ones.
    if (at !== -1) this.unanswered.splice(0, at + 1);
  }

  stop(): void {
    this.#onStop(this);
  }
}

export const createPingWheel = (intervalMs: number, now: () => number = Date.now): PingWheel => {
  const slots = Array.from({ length: slotCount }, () => new Set<Member>());
  let size = 0;
  let turn = 0;
  let nextSlot = 0;
  let timer: NodeJS.Timeout | undefined;

  const visit = (member: Member, payload: string, bytes: Uint8Array): void => {
    if (member.unanswered.length >= maxUnanswered) {
      member.pinged.timedOut();
      return;
    }
    member.unanswered.push(payload);
    member.pinged.ping(bytes);
  };

  const turnOnce = (): void => {
    turn = (turn + 1) % slotCount;
    const payload = String(now());
    const bytes = Buffer.from(payload);
    for (const member of [...(slots[turn] ?? [])]) visit(member, payload, bytes);
  };

  const stop = (member: Member): void => {
    if (!member.slot.delete(member)) return;
    size -= 1;
    if (size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    add(pinged) {
      nextSlot = (nextSlot + 1) % slotCount;
      const slot = slots[nextSlot] as Set<Member>;
      const member = new Member(pinged, slot, stop);
      slot.add(member);
      size += 1;
      timer ??= setInterval(turnOnce, intervalMs / slotCount).unref();
      return member;
    },
  };
};
