/** Draws from 0 up to 1: the same for the same seed (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/**
 * The channels that each of some clients follows: its own draw of `followed` out of `channels`. Draws are by chance, so
 * that hardly two clients follow the same.
 */
export const ownWatchlists = (
  clients: number,
  followed: number,
  channels: number,
  seed: number,
): readonly (readonly number[])[] => {
  const random = seededRandom(seed);
  return Array.from({ length: clients }, () => {
    const left = Array.from({ length: channels }, (_, channel) => channel);
    return Array.from({ length: Math.min(followed, channels) }, () => {
      const [drawn = 0] = left.splice(Math.floor(random() * left.length), 1);
      return drawn;
    }).sort((a, b) => a - b);
  });
};
