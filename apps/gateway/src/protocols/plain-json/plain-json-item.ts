import { PayloadItem } from '@tickwire/hub';
import { jsonBytes } from './plain-json-format.js';

/** A JSON message of a consumer's own as an item of a stream, or as an answer to one session. */
export const plainJsonItem = (value: Readonly<Record<string, unknown>>): PayloadItem =>
  new PayloadItem(() => jsonBytes(value));
