import type { SymbolCatalog } from '../../catalog.js';
import { ProtocolViolation } from './close-reasons.js';
import { CommandRefused, errorReplies } from './error-replies.js';

/** @throws ProtocolViolation for an empty name, CommandRefused (102) for one that no channel has. */
export const requireChannel = (catalog: SymbolCatalog, name: string): void => {
  if (name === '') throw new ProtocolViolation('channel required');
  if (!catalog.knows(name)) throw new CommandRefused(errorReplies.unknownChannel);
};
