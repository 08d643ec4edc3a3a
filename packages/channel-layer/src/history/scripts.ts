import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A Lua script as Redis knows it: by the SHA-1 of its text. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export type ScriptName = 'append' | 'trim' | 'read' | 'newest' | 'lease-acquire' | 'lease-release' | 'lease-holder';

export type ScriptArgument = string | number | Uint8Array;

/** What history and lease need of a Redis: one server, or one cluster. */
export interface ScriptClient {
  /**
   * Runs the script whether or not Redis still knows it, in the order of the calls. Bulk strings come back as Buffers.
   * @throws RedisOutOfMemory, RedisUnavailable, RedisRefused
   */
  run(script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>;
}

/** Reads `lua/<name>.lua` of this package: two folders up from `src/history` and from `dist/history` alike. */
export const loadScript = (name: ScriptName): Script => {
  const source = readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
};
