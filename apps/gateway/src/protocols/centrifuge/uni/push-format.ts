import type { ChannelNotice, WireFormat } from '@tickwire/hub';
import type { CloseCode } from '@tickwire/protocol';
import { jsonText } from '../../json-text.js';
import { insufficientState, noticeMessage, serverUnsubscribe } from '../codec.js';
import { connectJson, publicationJson } from '../json-codec.js';
import type { ConnectResult } from '../reply.js';
import { eventId } from './event-id.js';

/** A one-way stream of pushes: how each is put on the wire. */
export interface PushFormat {
  readonly contentType: string;
  readonly format: WireFormat;
  /** `id` if a client may reconnect from this push. */
  push(json: string, id?: string): Uint8Array;
}

/** The empty push. */
export const pingPush = '{}';

export const connectPush = (result: ConnectResult): string => `{"connect":${connectJson(result)}}`;

export const unsubscribePush = (channel: string): string => jsonText({ channel, unsubscribe: serverUnsubscribe });

export const disconnectPush = ({ code, reason }: CloseCode): string => jsonText({ disconnect: { code, reason } });

/**
 * The server made the subscriptions of these streams, so after a loss the server subscribes again, from the position
 * after it.
 */
const noticePushes = (notice: ChannelNotice): readonly string[] => {
  if (notice.kind !== 'lost') return [jsonText({ message: { data: noticeMessage(notice) } })];
  const { channel, resumed } = notice;
  const subscribe = { recoverable: true, positioned: true, epoch: resumed.epoch, offset: resumed.seq - 1 };
  return [jsonText({ channel, unsubscribe: insufficientState }), jsonText({ channel, subscribe })];
};

interface PushFormatOptions extends Pick<PushFormat, 'contentType' | 'push'> {
  readonly name: string;
  readonly hasIds: boolean;
  readonly showsAge: boolean;
}

const createPushFormat = ({ name, contentType, push, hasIds, showsAge }: PushFormatOptions): PushFormat => ({
  contentType,
  push,
  format: {
    name: `${name}${showsAge ? '-age' : ''}`,
    showsAge,
    frame: (payload) => payload,
    codec: {
      encodePublication(publication, skipped, waitedMs) {
        const { channel, position } = publication;
        const json = `{"channel":"${channel}","pub":${publicationJson(publication, skipped, waitedMs)}}`;
        return hasIds && position !== undefined
          ? push(
              json,
              eventId([channel], () => position),
            )
          : push(json);
      },
      encodeNotice(notice) {
        const pushes = noticePushes(notice);
        if (!hasIds || notice.kind !== 'lost') return Buffer.concat(pushes.map((json) => push(json)));
        const { channel, resumed } = notice;
        const id = eventId([channel], () => ({ epoch: resumed.epoch, seq: resumed.seq - 1 }));
        return Buffer.concat(pushes.map((json) => push(json, id)));
      },
    },
  },
});

const sseEvent: PushFormat['push'] = (json, id) =>
  Buffer.from(id === undefined ? `data: ${json}\n\n` : `id: ${id}\ndata: ${json}\n\n`);
const line: PushFormat['push'] = (json) => Buffer.from(`${json}\n`);

const sseType = 'text/event-stream; charset=utf-8';

/**
 * How long an EventSource waits before it reconnects: the beginning of the first event. Not a separate event, because
 * many clients deliver one without data.
 */
export const retryField = (retryMs: number): string => `retry: ${Math.round(retryMs)}\n`;

const formatsWith = (showsAge: boolean) => {
  const create = (name: string, contentType: string, push: PushFormat['push'], hasIds: boolean) =>
    createPushFormat({ name, contentType, push, hasIds, showsAge });
  return {
    /** For one channel: every publication is an event with the id to reconnect with. */
    sseSingle: create('uni-sse', sseType, sseEvent, true),
    /** For several channels: a publication does not show the positions of the others, so ids come in between. */
    sse: create('uni-sse-many', sseType, sseEvent, false),
    httpStream: create('uni-http-stream', 'application/x-ndjson; charset=utf-8', line, false),
  };
};

const formats = { bare: formatsWith(false), aged: formatsWith(true) };

export const pushFormat = (kind: keyof typeof formats.bare, showsAge = false): PushFormat =>
  formats[showsAge ? 'aged' : 'bare'][kind];
