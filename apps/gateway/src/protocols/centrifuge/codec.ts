import type { ChannelNotice, MessageCodec, Publication, PublicationEncoder } from '@tickwire/hub';
import type { CloseCode } from '@tickwire/protocol';
import type { Command } from './command.js';
import type { Reply } from './reply.js';

/** One of the two encodings of the protocol. */
export interface Codec extends MessageCodec {
  /** The commands of one frame, in order. @throws ProtocolViolation */
  decodeCommands(frame: string | Uint8Array): readonly Command[];
  /** Returns the reply in parts. Runs of publications are the same objects in every reply that contains them. */
  encodeReply(reply: Reply): readonly Uint8Array[];
  /** Publications in the form that replies use. */
  readonly inReplies: PublicationEncoder;
  readonly ping: Uint8Array;
  /** The end of a stream over HTTP, which has no close code. */
  encodeDisconnect(closeCode: CloseCode): Uint8Array;
  /** A subscription was ended by the server. */
  encodeUnsubscribe(channel: string): Uint8Array;
}

/** Code and reason that make a client subscribe again, from the position it knows. */
export const insufficientState = { code: 2500, reason: 'insufficient state' } as const;

/** Code and reason of a subscription that the server ended: the client does not subscribe again by itself. */
export const serverUnsubscribe = { code: 2000, reason: 'server unsubscribe' } as const;

/** The protocol has no push for notices about a channel: they are sent as a message. */
export const noticeMessage = ({ kind, channel }: ChannelNotice): object => ({ type: `channel.${kind}`, channel });

/** The number of publications that a slow client did not get before this one and, if requested, the age of this one. */
export const skippedTags = (skipped: number, waitedMs: number | undefined): Readonly<Record<string, string>> => ({
  skipped: String(skipped),
  ...(waitedMs !== undefined && { waitedMs: String(waitedMs) }),
});

/**
 * The first publication of an epoch carries the epoch: a client that subscribed while the channel had no history cannot
 * know it.
 */
export const epochOf = ({ position }: Publication): string | undefined =>
  position?.seq === 1 ? position.epoch : undefined;
