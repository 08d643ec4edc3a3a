import type { Client, Consumer, ConsumerType, GatewayContext, Route } from '@tickwire/gateway';
import { createWebSocketFormat, type MessageCodec, opcodes } from '@tickwire/hub';
import { closeCodes } from '@tickwire/protocol';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const codec: MessageCodec = {
  name: 'lines',
  opcode: opcodes.text,
  encodePublication: ({ channel, message }, skipped) => bytesOf(`${channel} ${message['price']} ${skipped}`),
  encodeNotice: ({ kind, channel }) => bytesOf(`${channel} ${kind}`),
  join: (payloads) => Buffer.concat(payloads),
};

const format = createWebSocketFormat(codec, { isCompressed: false, isJoined: false });

/** A client sends the name of a channel and gets its prices, one per line. */
const connection = ({ hub, catalog }: GatewayContext, { session }: Client): Consumer => ({
  connect() {},
  receive(data) {
    const channel = String(data);
    if (!catalog.knows(channel)) return session.close('unknownChannel');
    return hub.join(session, new Map([[channel, { last: 1 }]]), (snapshots) => {
      session.sendItems(snapshots.get(channel)?.publications ?? []);
      return 'join';
    });
  },
  disconnect() {},
});

const linesConsumer = (context: GatewayContext): ConsumerType => ({
  name: 'lines',
  closeCodes,
  format: () => format,
  create: (client) => connection(context, client),
});

/**
 * Everything that a protocol needs: a codec, a consumer and a route. docs/architecture.md shows it as the smallest
 * example.
 */
export const linesRoute = (context: GatewayContext): Route => ({
  path: '/lines',
  consumer: linesConsumer(context),
});
