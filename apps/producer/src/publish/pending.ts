import { InvalidHistoryRequest, InvalidMessage, InvalidName, type Message } from '@tickwire/channel-layer';

/** Another writer with a newer fence has published to these groups: this producer must stop publishing. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
  readonly code = 'FENCED';
  /** The messages that were not appended. */
  readonly left: Pending;

  constructor(message: string, left: Pending = new Map()) {
    super(message);
    this.left = left;
  }
}

/** Messages of one group that are still to be appended. */
export interface PendingGroup {
  readonly messages: readonly Message[];
  /** How many of the messages, from the first on, were published before: history lost them and receives them again. */
  readonly given: number;
  /** The batch begins a new epoch, whatever is stored. */
  readonly reset: boolean;
}

export type Pending = ReadonlyMap<string, PendingGroup>;

/** No history accepts it, however often it is tried. */
export const isUnpublishable = (error: unknown): boolean =>
  error instanceof InvalidMessage || error instanceof InvalidHistoryRequest || error instanceof InvalidName;

/** Without messages that are only published again: the next attempt determines those anew. */
export const newsOf = ({ messages, given }: PendingGroup): readonly Message[] => messages.slice(given);
