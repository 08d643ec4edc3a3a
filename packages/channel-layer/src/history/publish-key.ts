import { createHash, randomBytes } from 'node:crypto';

/** 128 bits are enough to tell two apart, and short. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** Nobody else's: who knows an older one learns that history was lost. */
export const newEpoch = (): string => randomBytes(9).toString('base64url');
