import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A Lua script as Redis knows it: by the SHA-1 of its text. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export type ScriptName =
  | 'append'
  | 'publish'
  | 'trim'
  | 'read'
  | 'newest'
  | 'lease-acquire'
  | 'lease-release'
  | 'lease-holder';

export type ScriptArgument = string | number | Uint8Array;

type RunScript = (
  script: Script,
  address: string,
  keys: readonly string[],
  args: readonly ScriptArgument[],
) => Promise<unknown>;

/** The part of Redis that history and lease need: one server, several, or a cluster. */
export interface ScriptClient {
  /**
   * Runs the script on the server of the address, in the order of the calls, and loads it if needed. Bulk strings in
   * the reply are Buffers.
   * @throws RedisOutOfMemory, RedisUnavailable, RedisRefused
   */
  readonly run: RunScript;
  /** The same for scripts that only read: their replies may be long, and do not delay other commands. */
  readonly read: RunScript;
  /** Addresses of one part may be served by one script. */
  partOf(address: string): string | number;
}

/** Reads `lua/<name>.lua` of this package: two folders up from `src/history` and from `dist/history` alike. */
export const loadScript = (name: ScriptName): Script => {
  const source = readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
};
