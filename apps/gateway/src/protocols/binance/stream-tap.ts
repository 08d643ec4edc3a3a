import type { Hub, Turns } from '@tickwire/hub';
import { type CatalogEntry, channelName } from '@tickwire/protocol';
import type { Pace } from './pace.js';
import { type Past, pastOf } from './past.js';
import type { Fields, UnmappableMessage } from './payload-fields.js';
import { StreamEvent } from './stream-event.js';
import { channelKindOf, messageTypeOf, type StreamSpec } from './stream-name.js';

/** What the sources of one symbol's streams are made of. */
export interface SourceOptions {
  readonly hub: Pick<Hub, 'tap' | 'readHistory'>;
  readonly turns: Turns;
  readonly paces: Readonly<Record<100 | 1_000, Pace>>;
  readonly entry: CatalogEntry;
  /** The name of the stream. */
  readonly name: string;
}

/** The messages of the channel that the stream is made of. @throws what the layer throws when it cannot subscribe. */
export const tap = (
  { hub, entry }: SourceOptions,
  spec: StreamSpec,
  onMessage: (message: Fields) => void,
): Promise<() => void> => {
  const type = messageTypeOf(spec);
  return hub.tap(channelName(channelKindOf(spec), entry.venue, entry.symbol), ({ message }) => {
    if (message.type === type) onMessage(message);
  });
};

/** Left out, and counted where it would have been encoded. */
export const unmappable = (name: string, error: UnmappableMessage): StreamEvent =>
  new StreamEvent(name, () => {
    throw error;
  });

/**
 * Messages from now on, behind what history has from before. `begin` gets that; what is heard while it is read waits.
 * @throws what the layer throws, or the history.
 */
export const tapBehind = async <T>(
  options: SourceOptions,
  spec: StreamSpec,
  read: (past: Past) => Promise<T>,
  begin: (past: T) => void,
  onMessage: (message: Fields) => void,
): Promise<() => void> => {
  let waiting: Fields[] | undefined = [];
  const untap = await tap(options, spec, (message) => {
    if (waiting === undefined) onMessage(message);
    else waiting.push(message);
  });
  try {
    begin(await options.hub.readHistory((shared) => read(pastOf(shared, options.turns))));
  } catch (error) {
    untap();
    throw error;
  }
  const heard = waiting;
  waiting = undefined;
  for (const message of heard) onMessage(message);
  return untap;
};
