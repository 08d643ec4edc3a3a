/** Number of slots of a Redis Cluster. */
export const slotCount = 16_384;

/** CRC-16/XMODEM, as Redis Cluster hashes keys and sharded channels (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc;
});

/** The cluster slot of a key or sharded channel: computed from the text between its first braces, if there is any. */
export const hashSlot = (name: string): number => {
  const opening = name.indexOf('{');
  const closing = opening === -1 ? -1 : name.indexOf('}', opening);
  const hashed = closing > opening + 1 ? name.slice(opening + 1, closing) : name;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] as number)) & 0xffff;
  return crc % slotCount;
};
