import { parseChannelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';
import { ProtocolViolation } from './close-reasons.js';
import { CommandRefused, errorReplies } from './error-replies.js';

/**
 * A producer that has not told its symbols yet may still come: then any well-formed name will do.
 * @throws ProtocolViolation for an empty name, CommandRefused (102) for one that no channel has.
 */
export const requireChannel = (catalog: SymbolCatalog, name: string): void => {
  if (name === '') throw new ProtocolViolation('channel required');
  const address = parseChannelName(name);
  if (address === undefined || (catalog.entries.length > 0 && !catalog.has(address))) {
    throw new CommandRefused(errorReplies.unknownChannel);
  }
};
