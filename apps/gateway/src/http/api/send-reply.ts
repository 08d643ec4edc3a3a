import type { Response } from 'express';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';
import type { ApiReply } from './api.js';

/** Answers of the API are of the moment: nothing on the way may keep them. */
export const sendReply = (
  response: Response,
  { status = 200, contentType = 'application/json', headers = {}, body }: ApiReply,
): void => {
  response
    .status(status)
    .set({ 'Cache-Control': 'no-store', ...headers })
    .type(contentType)
    .send(body instanceof Uint8Array ? body : jsonBytes(body));
};
