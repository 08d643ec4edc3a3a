/** A member that a wheel visits. */
export interface WheelMember {
  /** Owned by the wheel. */
  wheelSlot: number;
}

/**
 * Visits every member once per interval. One timer serves all: members are spread over the slots, so that no moment
 * visits everybody. It stops, and keeps no process alive, while it has no members.
 */
export interface Wheel<T extends WheelMember> {
  add(member: T): void;
  /** Idempotent. */
  remove(member: T): void;
}

export interface WheelOptions<T> {
  readonly intervalMs: number;
  visit(member: T): void;
  /** Number of moments in the interval at which members are visited. @default 25 */
  readonly slotCount?: number;
  /** Called 8/25 of the interval after each `visit`: 8 of 25 seconds. */
  followUp?(member: T): void;
}

export const createWheel = <T extends WheelMember>(options: WheelOptions<T>): Wheel<T> => {
  const { intervalMs, slotCount = 25 } = options;
  const followUpSlots = Math.round((slotCount * 8) / 25);
  const slots = Array.from({ length: slotCount }, () => new Set<T>());
  let size = 0;
  let nextSlot = 0;
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;

  const turnOnce = (): void => {
    turn = (turn + 1) % slotCount;
    for (const member of slots[turn] ?? []) options.visit(member);
    if (options.followUp === undefined) return;
    for (const member of slots[(turn + slotCount - followUpSlots) % slotCount] ?? []) options.followUp(member);
  };

  return {
    add(member) {
      nextSlot = (nextSlot + 1) % slotCount;
      member.wheelSlot = nextSlot;
      slots[nextSlot]?.add(member);
      size += 1;
      timer ??= setInterval(turnOnce, intervalMs / slotCount).unref();
    },
    remove(member) {
      if (slots[member.wheelSlot]?.delete(member) !== true) return;
      size -= 1;
      if (size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
};
