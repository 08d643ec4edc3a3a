/** A tick that comes more than this after the last one is late. */
const heldUpMs = 200;

/**
 * Returns whether a tick should skip its work. After a pause of the process, frames wait in its sockets and must be
 * read before time closes the bars they belong to. Never returns true twice in a row: a process that is always late
 * must make progress too. `nowMs` must not go back.
 */
export const createHeldUpCheck = (startedMs: number): ((nowMs: number) => boolean) => {
  let tickedAt = startedMs;
  let hasPassed = false;

  return (nowMs) => {
    const isLate = nowMs - tickedAt > heldUpMs;
    tickedAt = nowMs;
    hasPassed = isLate && !hasPassed;
    return hasPassed;
  };
};
