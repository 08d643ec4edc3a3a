import { readFileSync } from 'node:fs';
import { InvalidOwnChannels, type OwnChannelOptions, type OwnChannelRule, parseOwnChannels } from '@tickwire/protocol';

/** As `CHANNELS` of the gateways: patterns separated by commas, the path of a JSON file, or what such a file holds. */
export type OwnChannelsSource = string | Readonly<Record<string, OwnChannelOptions>>;

/** @throws InvalidOwnChannels */
export const readOwnChannels = (source: OwnChannelsSource): readonly OwnChannelRule[] => {
  const path = typeof source === 'string' ? source.trim() : '';
  if (!/\.json$/i.test(path)) return parseOwnChannels(source);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InvalidOwnChannels(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  try {
    // A file that holds a text would else be taken for patterns.
    return parseOwnChannels(typeof content === 'string' ? [content] : content);
  } catch (error) {
    throw error instanceof InvalidOwnChannels ? new InvalidOwnChannels(`${path}: ${error.message}`) : error;
  }
};
