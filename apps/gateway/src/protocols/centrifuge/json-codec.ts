import { type ChannelNotice, opcodes, type Publication, type PublicationEncoder } from '@tickwire/hub';
import { dataJson, jsonBetween, jsonText } from '../json-text.js';
import { ProtocolViolation } from './close-reasons.js';
import { type Codec, epochOf, insufficientState, noticeMessage, serverUnsubscribe, skippedTags } from './codec.js';
import { type Command, maxCommands, parseCommand } from './command.js';
import { createPublicationRuns } from './publication-runs.js';
import type { ConnectResult, Reply } from './reply.js';

const newline = Buffer.from('\n');
const comma = Buffer.from(',');
const openBracket = Buffer.from('[');
const closeBracket = Buffer.from(']');
const closeBrace = Buffer.from('}');

/** A publication in the form of pushes and replies, between two texts. */
export const publicationJson = (
  publication: Publication,
  skipped: number,
  waitedMs?: number,
  [before, after] = ['', ''],
): Buffer => {
  const { position } = publication;
  const epoch = epochOf(publication);
  const offset = position === undefined ? '' : `,"offset":${position.seq}`;
  const tags = skipped === 0 ? '' : `,"tags":${jsonText(skippedTags(skipped, waitedMs))}`;
  const firstEpoch = epoch === undefined ? '' : `,"epoch":${jsonText(epoch)}`;
  return jsonBetween(`${before}{"data":`, dataJson(publication), `${offset}${tags}${firstEpoch}}${after}`);
};

/** The form of a publication in replies. */
const inReplies: PublicationEncoder = {
  encodePublication: (publication, skipped) => publicationJson(publication, skipped),
};

export const jsonCodec: Codec = {
  name: 'centrifuge-json',
  opcode: opcodes.text,
  decodeCommands(frame) {
    const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
    const commands: Command[] = [];
    // Counted before any is parsed: commands of a client that is closed for too many must cost nothing.
    const lines = text.split('\n');
    if (lines.length > maxCommands) throw new ProtocolViolation('too many commands in a frame', 'tooManyRequests');
    for (const line of lines) if (line.trim() !== '') commands.push(parseCommand(parseJson(line)));
    if (commands.length === 0) throw new ProtocolViolation('empty frame');
    return commands;
  },
  inReplies,
  encodeReply: (reply) => encodeReply(reply),
  // A channel's name has no character that JSON would escape.
  encodePublication: (publication, skipped, waitedMs) =>
    publicationJson(publication, skipped, waitedMs, [`{"push":{"channel":"${publication.channel}","pub":`, '}}']),
  encodeNotice: (notice) => Buffer.from(jsonText({ push: noticePush(notice) })),
  join: (items) => Buffer.concat(separated(newline, items)),
  ping: Buffer.from('{}'),
  encodeDisconnect: ({ code, reason }) => Buffer.from(jsonText({ push: { disconnect: { code, reason } } })),
  encodeUnsubscribe: (channel) => Buffer.from(jsonText({ push: { channel, unsubscribe: serverUnsubscribe } })),
};

/** @throws ProtocolViolation */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolViolation('malformed JSON');
  }
};

const noticePush = (notice: ChannelNotice): object =>
  notice.kind === 'lost'
    ? { channel: notice.channel, unsubscribe: insufficientState }
    : { message: { data: noticeMessage(notice) } };

/** Publications are encoded once and shared; everything else in a reply is made for it. */
const encodeReply = ({ subscribe, history, connect, ...rest }: Reply): Parts => {
  if (subscribe !== undefined) return withFields(rest, [['subscribe', withPublications(subscribe)]]);
  if (history !== undefined) return withFields(rest, [['history', withPublications(history)]]);
  if (connect === undefined) return [Buffer.from(jsonText(rest))];
  return withFields(rest, [['connect', connectParts(connect)]]);
};

export const connectJson = (result: ConnectResult): Uint8Array => Buffer.concat(connectParts(result));

/** JSON in parts, one after another. */
type Parts = readonly Uint8Array[];

const connectParts = ({ subs, ...fields }: ConnectResult): Parts => {
  if (subs === undefined) return [Buffer.from(jsonText(fields))];
  const bySub = Object.entries(subs).map(([channel, sub]) => [channel, withPublications(sub)] as const);
  return withFields(fields, [['subs', withFields({}, bySub)]]);
};

const withPublications = (result: { readonly publications?: readonly Publication[] }): Parts => {
  const { publications, ...fields } = result;
  if (publications === undefined) return [Buffer.from(jsonText(fields))];
  const array = [openBracket, ...separated(comma, publicationRuns(publications)), closeBracket];
  return withFields(fields, [['publications', array]]);
};

const publicationRuns = createPublicationRuns((publications) =>
  Buffer.concat(
    separated(
      comma,
      publications.map((publication) => publication.encodeWith(inReplies)),
    ),
  ),
);

/** An object's JSON with further fields, whose values are already JSON. */
const withFields = (object: object, fields: readonly (readonly [string, Parts])[]): Parts => {
  const json = jsonText(object);
  const parts: Uint8Array[] = [Buffer.from(json.slice(0, -1))];
  let separator = json === '{}' ? '' : ',';
  for (const [name, value] of fields) {
    parts.push(Buffer.from(`${separator}${JSON.stringify(name)}:`), ...value);
    separator = ',';
  }
  parts.push(closeBrace);
  return parts;
};

const separated = (separator: Uint8Array, items: Parts): Parts => {
  const parts: Uint8Array[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(separator);
    parts.push(item);
  }
  return parts;
};
