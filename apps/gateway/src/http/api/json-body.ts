import { isUtf8 } from 'node:buffer';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { type ApiReply, sendReply } from './api.js';
import { ApiProblem, type ProblemType } from './problem.js';

/** The type that Express's body parser gives to what our check throws. */
const notUtf8 = 'entity.verify.failed';

/** Reads a JSON body. Bytes that are not UTF-8 would otherwise be published as U+FFFD, and nobody would know. */
export const readJsonBody = (maxBytes: number): RequestHandler =>
  express.json({
    limit: maxBytes,
    verify(_request, _response, bytes, charset) {
      if (charset === 'utf-8' && !isUtf8(bytes)) throw Object.assign(new Error('not UTF-8'), { status: 400 });
    },
  });

const faults: Readonly<Record<string, readonly [ProblemType, string]>> = {
  'entity.too.large': ['too-large', 'request body too large'],
  'entity.parse.failed': ['bad-request', 'invalid JSON body'],
  'encoding.unsupported': ['unknown-encoding', 'Content-Encoding must be gzip, deflate or br, or left out'],
  'charset.unsupported': ['unknown-encoding', 'the charset of Content-Type must be utf-8, or left out'],
  [notUtf8]: ['bad-request', 'the body must be UTF-8'],
};
/** As of a gzip that ends too early. */
const unreadable = ['bad-request', 'the body cannot be read as its headers describe it'] as const;

/** Answers requests that Express's body parser rejects. */
export const bodyErrors =
  (onError: (error: unknown) => ApiReply): ErrorRequestHandler =>
  (error: unknown, _request, response, _next) => {
    const { status, type } = (error ?? {}) as { readonly status?: unknown; readonly type?: unknown };
    const [code, detail] = faults[String(type)] ?? unreadable;
    sendReply(response, onError(typeof status === 'number' && status < 500 ? new ApiProblem(code, detail) : error));
  };
