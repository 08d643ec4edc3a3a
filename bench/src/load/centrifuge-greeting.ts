import { clientOpcodes, maskedFrame } from '../wire/masked-frame.js';
import { tickEpoch } from '../wire/tick-payload.js';
import type { CentrifugeGreeting } from './greeting.js';

const newline = 0x0a;
const zero = 0x30;
/** The id before it is that of `connect`. */
const firstSubscription = 2;
const pong = text('{}');
const connect = text('{"id":1,"connect":{}}');
const connected = Buffer.from('{"id":1,"connect":');
const anyReply = Buffer.from('{"id":');
const errorMember = '"error":';
/** An error stands at the beginning of a reply; what it recovers may be a hundred kilobytes. */
const errorWithin = 128;

function text(json: string): Uint8Array {
  return maskedFrame(clientOpcodes.text, Buffer.from(json));
}

export interface CentrifugeAnswers {
  /** The frame to be sent. */
  readonly frames: readonly Uint8Array[];
  /** The server has let the client in. */
  readonly isConnected: boolean;
  /** The server's error, if it rejected something. */
  readonly refusal: string | undefined;
}

/** The first messages of a client of the Centrifuge protocol. */
export const centrifugeConnect = (): Uint8Array => connect;

/** Which of its subscriptions a reply that begins at `start` answers, from 0 on. */
export const subscriptionOf = (buffer: Uint8Array, start: number): number => {
  let id = 0;
  for (let at = start + anyReply.length; isDigit(buffer[at]); at += 1) id = id * 10 + (buffer[at] as number) - zero;
  return id - firstSubscription;
};

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= zero && code < zero + 10;

/** The frame ends at `end`; the bytes after it in the buffer belong to other frames and are not read. */
const endOfLine = (buffer: Uint8Array, start: number, end: number): number => {
  const found = buffer.subarray(start, end).indexOf(newline);
  return found === -1 ? end : start + found;
};

const subscribe = ({ channels, positions = {} }: CentrifugeGreeting): readonly Uint8Array[] =>
  channels.map((channel, index) => {
    const offset = positions[channel];
    const recovery = offset === undefined ? {} : { recover: true, epoch: tickEpoch, offset };
    return text(JSON.stringify({ id: index + firstSubscription, subscribe: { channel, ...recovery } }));
  });

/**
 * Answers what a server says in the Centrifuge protocol in JSON, a message a line, and hands over what asks for no
 * answer: pushes, and replies that may hold what was missed.
 */
export const answerCentrifuge = (
  buffer: Uint8Array,
  start: number,
  end: number,
  greeting: CentrifugeGreeting,
  onLine: (start: number, end: number) => void,
): CentrifugeAnswers => {
  const frames: Uint8Array[] = [];
  let isConnected = false;
  let refusal: string | undefined;
  for (let at = start; at < end; ) {
    const lineEnd = endOfLine(buffer, at, end);
    if (lineEnd - at === 2) frames.push(pong);
    else if (beginsWith(buffer, at, connected)) {
      isConnected = true;
      frames.push(...subscribe(greeting));
    } else {
      if (beginsWith(buffer, at, anyReply)) refusal ??= refusalIn(buffer, at, lineEnd);
      onLine(at, lineEnd);
    }
    at = lineEnd + 1;
  }
  return { frames, isConnected, refusal };
};

const refusalIn = (buffer: Uint8Array, start: number, end: number): string | undefined => {
  const reply = Buffer.from(buffer.buffer, buffer.byteOffset + start, Math.min(end - start, errorWithin)).toString();
  return reply.includes(errorMember) ? reply : undefined;
};

const beginsWith = (buffer: Uint8Array, start: number, wanted: Uint8Array): boolean =>
  wanted.every((byte, index) => buffer[start + index] === byte);
