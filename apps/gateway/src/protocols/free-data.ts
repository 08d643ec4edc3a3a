import type { Message } from '@tickwire/channel-layer';
import type { Publication } from '@tickwire/hub';
import { jsonText, messageJson } from './json-text.js';

/** The `type` of a message that carries any JSON, in `data`: Channels calls `data_json`. */
export const freeDataType = 'data.json';

/** What clients of the Centrifuge protocol get as the data of a publication: what was published, as it was. */
export const dataOf = (message: Message): unknown =>
  message.type === freeDataType && Object.hasOwn(message, 'data') ? message['data'] : message;

/** The same as JSON. */
export const dataJson = (publication: Publication): Uint8Array => {
  const { message } = publication;
  const data = dataOf(message);
  return data === message ? messageJson(publication) : Buffer.from(jsonText(data));
};
