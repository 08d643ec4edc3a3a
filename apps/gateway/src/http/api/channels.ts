import { parseChannelName } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';
import { ApiProblem } from './problem.js';

type Known = Pick<SymbolCatalog, 'entries' | 'has'>;

/**
 * Names separated by commas, each once, in order. A producer that has not told its symbols yet may still come: then any
 * well-formed name will do.
 * @throws ApiProblem
 */
export const channelsOf = (text: string | null, max: number, catalog: Known): readonly string[] => {
  const names = [...new Set((text ?? '').split(',').filter((name) => name !== ''))];
  if (names.length === 0) throw new ApiProblem('bad-request', 'channels must name at least one channel');
  if (names.length > max) throw new ApiProblem('bad-request', `channels must name at most ${max} channels`);
  const unknown = names.filter((name) => !isKnown(name, catalog));
  if (unknown.length === 0) return names;
  throw new ApiProblem('unknown-channel', `unknown channel ${unknown[0]}: see /api/symbols`, { channels: unknown });
};

/** @throws ApiProblem */
export const channelOf = (text: string | null, catalog: Known): string => {
  if (text === null || text === '') throw new ApiProblem('bad-request', 'channel must name a channel');
  if (isKnown(text, catalog)) return text;
  throw new ApiProblem('unknown-channel', `unknown channel ${text}: see /api/symbols`, { channels: [text] });
};

const isKnown = (name: string, catalog: Known): boolean => {
  const address = parseChannelName(name);
  return address !== undefined && (catalog.entries.length === 0 || catalog.has(address));
};
