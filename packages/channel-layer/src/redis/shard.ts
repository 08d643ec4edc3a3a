import { crc32 } from 'node:zlib';

/**
 * The server, of `count`, that an address is on, as in channels_redis' `consistent_hash`: CRC-32 of its UTF-8 bytes,
 * the low 12 bits divided into equal parts. The pub/sub layer hashes the full Redis channel name. Another `count` moves
 * most addresses.
 */
export const shardIndex = (address: string, count: number): number =>
  count === 1 ? 0 : Math.floor((crc32(address) & 0xfff) / (4096 / count));
