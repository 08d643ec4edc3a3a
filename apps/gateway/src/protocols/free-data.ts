import type { Message } from '@tickwire/channel-layer';

/** The `type` of a message that carries any JSON, in `data`: Channels calls `data_json`. */
export const freeDataType = 'data.json';

/** What clients of the Centrifuge protocol get as the data of a publication: what was published, as it was. */
export const dataOf = (message: Message): unknown =>
  message.type === freeDataType && Object.hasOwn(message, 'data') ? message['data'] : message;
