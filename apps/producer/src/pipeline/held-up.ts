/** Of two ticks further apart than this the second comes late. */
const heldUpMs = 200;

/**
 * Tells whether a tick should pass over its work: the process was held up and has frames waiting in its sockets, which
 * are to be read before time closes the bars they belong to. Never twice in a row: a process that is always late must
 * move on too. `nowMs` must not go back.
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
