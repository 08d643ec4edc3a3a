import { opcodes, type Publication, type PublicationEncoder } from '@tickwire/hub';
import protobuf from 'protobufjs';
import { dataJson, jsonText } from '../json-text.js';
import { ProtocolViolation } from './close-reasons.js';
import { type Codec, epochOf, insufficientState, noticeMessage, serverUnsubscribe, skippedTags } from './codec.js';
import { type Command, maxCommands, parseCommand } from './command.js';
import { protobufTypes } from './protobuf-schema.js';
import { createPublicationRuns } from './publication-runs.js';
import type { ConnectResult, Reply } from './reply.js';

/** Data that should be JSON for us to read, but is not. */
const notJson = Symbol('not JSON');

const writePublication = (
  writer: protobuf.Writer,
  publication: Publication,
  skipped: number,
  waitedMs?: number,
): protobuf.Writer => {
  const { position } = publication;
  const epoch = epochOf(publication);
  return protobufTypes.publication.encode(
    {
      data: dataJson(publication),
      ...(position !== undefined && { offset: position.seq }),
      ...(skipped > 0 && { tags: skippedTags(skipped, waitedMs) }),
      ...(epoch !== undefined && { epoch }),
    },
    writer,
  );
};

/** The form of a publication in replies. */
const inReplies: PublicationEncoder = {
  encodePublication: (publication, skipped) =>
    writePublication(protobuf.Writer.create(), publication, skipped).finish(),
};

const lengthDelimited = 2;
const tag = (field: number): number => (field << 3) | lengthDelimited;

/**
 * Written with one writer: pushes are the most frequent messages, and each further writer would copy the bytes again.
 */
const publicationPush = (publication: Publication, skipped: number, waitedMs?: number): Uint8Array => {
  const writer = protobuf.Writer.create().fork();
  writer.uint32(tag(4)).fork().uint32(tag(2)).string(publication.channel);
  writePublication(writer.uint32(tag(4)).fork(), publication, skipped, waitedMs);
  return writer.ldelim().ldelim().ldelim().finish();
};

/** Every message begins with its length, so that frames can be joined. */
const delimited = (message: object): Uint8Array => protobufTypes.reply.encodeDelimited(message).finish();
const push = (fields: object): Uint8Array => delimited({ push: protobufTypes.push.encode(fields).finish() });

export const protobufCodec: Codec = {
  name: 'centrifuge-protobuf',
  opcode: opcodes.binary,
  decodeCommands(frame) {
    const bytes = typeof frame === 'string' ? Buffer.from(frame) : frame;
    const commands: Command[] = [];
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      if (commands.length >= maxCommands)
        throw new ProtocolViolation('too many commands in a frame', 'tooManyRequests');
      commands.push(parseCommand(decodeCommand(reader)));
    }
    if (commands.length === 0) throw new ProtocolViolation('empty frame');
    return commands;
  },
  inReplies,
  encodeReply: (reply) => replyParts(reply),
  encodePublication: publicationPush,
  encodeNotice: (notice) =>
    notice.kind === 'lost'
      ? push({ channel: notice.channel, unsubscribe: insufficientState })
      : push({ message: { data: Buffer.from(jsonText(noticeMessage(notice))) } }),
  join: (items) => Buffer.concat(items),
  ping: delimited({}),
  encodeDisconnect: ({ code, reason }) => push({ disconnect: { code, reason } }),
  encodeUnsubscribe: (channel) => push({ channel, unsubscribe: serverUnsubscribe }),
};

/** A command in Protobuf, where JSON is bytes. */
interface WireCommand {
  readonly connect?: { readonly data?: Uint8Array };
  readonly subscribe?: { readonly data?: Uint8Array };
}

/** @throws ProtocolViolation */
const decodeCommand = (reader: protobuf.Reader): unknown => {
  const type = protobufTypes.command;
  let fields: WireCommand;
  try {
    fields = type.toObject(type.decodeDelimited(reader), { longs: Number });
  } catch {
    throw new ProtocolViolation('malformed Protobuf');
  }
  const { connect, subscribe } = fields;
  return {
    ...fields,
    ...(connect !== undefined && { connect: { ...connect, data: parseData(connect.data) } }),
    ...(subscribe !== undefined && { subscribe: { ...subscribe, data: parseData(subscribe.data) } }),
  };
};

const parseData = (data: Uint8Array | undefined): unknown => {
  if (data === undefined || data.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString());
  } catch {
    return notJson;
  }
};

/** A reply with publications is assembled by hand, so that their runs stay separate. */
const replyParts = ({ subscribe, history, ...rest }: Reply): readonly Uint8Array[] => {
  if (subscribe !== undefined)
    return nested(rest, 6, withPublications(protobufTypes.subscribeResult, subscribe, subscribeRuns));
  if (history !== undefined)
    return nested(rest, 11, withPublications(protobufTypes.historyResult, history, historyRuns));
  const { connect, ...others } = rest;
  return [delimited(connect === undefined ? others : { ...others, connect: wireConnect(connect) })];
};

/** A reply whose field with this number is a message in parts. */
const nested = (fields: object, field: number, parts: readonly Uint8Array[]): readonly Uint8Array[] => {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const own = protobufTypes.reply.encode(fields).finish();
  const head = protobuf.Writer.create().uint32(tag(field)).uint32(bytes).finish();
  const length = protobuf.Writer.create()
    .uint32(own.length + head.length + bytes)
    .finish();
  return [length, own, head, ...parts];
};

const wireConnect = ({ subs, data, ...others }: ConnectResult): object => ({
  ...others,
  ...(data !== undefined && { data: Buffer.from(jsonText(data)) }),
  ...(subs !== undefined && {
    subs: Object.fromEntries(
      Object.entries(subs).map(([channel, sub]) => [
        channel,
        Buffer.concat(withPublications(protobufTypes.subscribeResult, sub, subscribeRuns)),
      ]),
    ),
  }),
});

/**
 * Publications are encoded once and shared by all clients that reconnect at the same time. Protobuf allows any order of
 * fields.
 */
const withPublications = (
  type: protobuf.Type,
  { publications, ...fields }: { readonly publications?: readonly Publication[] },
  runs: (publications: readonly Publication[]) => Uint8Array[],
): readonly Uint8Array[] => {
  const bytes = type.encode(fields).finish();
  return publications === undefined ? [bytes] : [bytes, ...runs(publications)];
};

/** Publications as a repeated field with this number. */
const runsOf = (field: number) =>
  createPublicationRuns((publications) => {
    const writer = protobuf.Writer.create();
    for (const publication of publications) {
      writer.uint32(tag(field)).bytes(publication.encodeWith(inReplies));
    }
    return writer.finish();
  });

const subscribeRuns = runsOf(7);
const historyRuns = runsOf(1);
