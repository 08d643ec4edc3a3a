import type { Message } from '@tickwire/channel-layer';
import type { Publication, PublicationEncoder } from '@tickwire/hub';
import { freeDataType } from '@tickwire/protocol';

/** Other writers' integers may be beyond what JSON numbers hold exactly: they are sent as strings. */
export const jsonText = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Only if needed: a replacer makes every call several times slower.
    return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field));
  }
};

const messageEncoder: PublicationEncoder = {
  encodePublication: ({ message }) => Buffer.from(jsonText(message)),
};

/** A publication's message as JSON: as it came, or encoded once for all protocols. */
export const messageJson = (publication: Publication): Uint8Array =>
  publication.json ?? publication.encodeWith(messageEncoder);

/** JSON between two texts, in one copy. */
export const jsonBetween = (before: string, json: Uint8Array, after: string): Buffer => {
  const start = Buffer.byteLength(before);
  const end = start + json.length;
  const bytes = Buffer.allocUnsafe(end + Buffer.byteLength(after));
  bytes.write(before);
  bytes.set(json, start);
  bytes.write(after, end);
  return bytes;
};

/** The data of a publication for clients of the Centrifuge protocol: exactly what was published. */
export const dataOf = (message: Message): unknown =>
  message.type === freeDataType && Object.hasOwn(message, 'data') ? message['data'] : message;

/** The same as JSON. */
export const dataJson = (publication: Publication): Uint8Array => {
  const { message } = publication;
  const data = dataOf(message);
  return data === message ? messageJson(publication) : Buffer.from(jsonText(data));
};
