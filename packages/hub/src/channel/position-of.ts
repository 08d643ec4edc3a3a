import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';

/** A position counts only when it is complete: `seq` a positive safe integer and `epoch` a string. */
export const positionOf = (message: Message): Position | undefined => {
  const { seq, epoch } = message;
  if (typeof epoch !== 'string' || typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  return { seq, epoch };
};
