import { showsAge } from '../channel-options.js';
import type { ConsumerType, Scope } from '../consumer.js';
import { centrifugeCloseCodes } from './close-reasons.js';
import { CentrifugeConnection } from './connection.js';
import type { CentrifugeContext } from './context.js';
import { createDialects, type Dialect } from './formats.js';

/**
 * `/connection/websocket`: the Centrifuge client protocol v2, JSON or Protobuf, as its official SDKs speak it.
 * Documented in docs/protocols/centrifuge.md.
 */
export const centrifugeConsumer = (context: CentrifugeContext): ConsumerType => {
  const dialects = createDialects(context.losses.onLost);
  const dialectOf = (scope: Scope): Dialect =>
    dialects.of({
      isProtobuf: isProtobuf(scope),
      isCompressed: scope.isCompressed,
      showsAge: showsAge(scope.query),
    });

  return {
    name: 'centrifuge',
    hasOwnHeartbeat: true,
    checksTokens: true,
    closeCodes: centrifugeCloseCodes,
    subprotocols: ['centrifuge-protobuf', 'centrifuge-json'],
    format: (scope) => dialectOf(scope).format,
    create: (client, scope) => new CentrifugeConnection(context, client, dialectOf(scope), scope.token),
  };
};

const isProtobuf = ({ subprotocol, query }: Scope): boolean =>
  subprotocol === 'centrifuge-protobuf' ||
  query.get('format') === 'protobuf' ||
  query.get('cf_protocol') === 'protobuf';
