import type { Message } from '@tickwire/channel-layer';
import type { Publication } from '@tickwire/hub';
import { jsonText, messageJson } from './json-text.js';

/** The `type` of a message with any JSON in `data`; its handler in Channels is `data_json`. */
export const freeDataType = 'data.json';

/** The data of a publication for clients of the Centrifuge protocol: exactly what was published. */
export const dataOf = (message: Message): unknown =>
  message.type === freeDataType && Object.hasOwn(message, 'data') ? message['data'] : message;

/** The same as JSON. */
export const dataJson = (publication: Publication): Uint8Array => {
  const { message } = publication;
  const data = dataOf(message);
  return data === message ? messageJson(publication) : Buffer.from(jsonText(data));
};
