import type { ChannelNotice, MessageCodec, Publication, PublicationEncoder } from '@tickwire/hub';
import type { Command } from './command.js';
import type { Reply } from './reply.js';

/** One of the two encodings of the protocol. */
export interface Codec extends MessageCodec {
  /** The commands of one frame, in order. @throws ProtocolViolation */
  decodeCommands(frame: string | Uint8Array): readonly Command[];
  /** In parts: runs of publications are the same objects in every reply that has them. */
  encodeReply(reply: Reply): readonly Uint8Array[];
  /** Publications as they stand in replies. */
  readonly inReplies: PublicationEncoder;
  readonly ping: Uint8Array;
}

/** Code and reason that ask a client to subscribe again, from the position it knows. */
export const insufficientState = { code: 2500, reason: 'insufficient state' } as const;

/** The protocol has no push for notices about a channel: they are sent as a message. */
export const noticeMessage = ({ kind, channel }: ChannelNotice): object => ({ type: `channel.${kind}`, channel });

/** How many publications a slow client did not get before this one and, if it asked for that, how old this one is. */
export const skippedTags = (skipped: number, waitedMs: number | undefined): Readonly<Record<string, string>> => ({
  skipped: String(skipped),
  ...(waitedMs !== undefined && { waitedMs: String(waitedMs) }),
});

/**
 * With the first publication of an epoch comes the epoch: who subscribed while the channel had no history could not
 * know it.
 */
export const epochOf = ({ position }: Publication): string | undefined =>
  position?.seq === 1 ? position.epoch : undefined;
