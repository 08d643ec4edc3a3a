import { clientOpcodes, maskedFrame } from '../wire/masked-frame.js';

const newline = 0x0a;
const pong = text('{}');
const connect = text('{"id":1,"connect":{}}');
const connected = Buffer.from('{"id":1,"connect":');
const anyReply = Buffer.from('{"id":');

function text(json: string): Uint8Array {
  return maskedFrame(clientOpcodes.text, Buffer.from(json));
}

export interface CentrifugeAnswers {
  /** To be sent. */
  readonly frames: readonly Uint8Array[];
  /** The server has let the client in. */
  readonly isConnected: boolean;
}

/** What a client of the Centrifuge protocol sends first. */
export const centrifugeConnect = (): Uint8Array => connect;

/**
 * Answers what a server says in the Centrifuge protocol in JSON, a message a line, and hands over what asks for no
 * answer. Throws when the server refused something.
 */
export const answerCentrifuge = (
  buffer: Uint8Array,
  start: number,
  end: number,
  channels: readonly string[],
  onPush: (start: number, end: number) => void,
): CentrifugeAnswers => {
  const frames: Uint8Array[] = [];
  let isConnected = false;
  for (let at = start; at < end; ) {
    const found = buffer.indexOf(newline, at);
    const lineEnd = found === -1 || found > end ? end : found;
    if (lineEnd - at === 2) frames.push(pong);
    else if (beginsWith(buffer, at, connected)) {
      isConnected = true;
      const subscribe = (channel: string, index: number) =>
        text(JSON.stringify({ id: index + 2, subscribe: { channel } }));
      frames.push(...channels.map(subscribe));
    } else if (!beginsWith(buffer, at, anyReply)) onPush(at, lineEnd);
    else {
      const reply = Buffer.from(buffer.buffer, buffer.byteOffset + at, lineEnd - at).toString();
      if (reply.includes('"error":')) throw new Error(`refused: ${reply}`);
    }
    at = lineEnd + 1;
  }
  return { frames, isConnected };
};

const beginsWith = (buffer: Uint8Array, start: number, wanted: Uint8Array): boolean =>
  wanted.every((byte, index) => buffer[start + index] === byte);
