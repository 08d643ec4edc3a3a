import type { Fleet } from '@tickwire/fleet';
import type { Turns } from '@tickwire/hub';
import type { Access } from '../../access/access.js';
import type { Expiries } from '../../timing/expiries.js';
import type { GatewayContext } from '../consumer.js';
import { authenticateWith } from './authenticate.js';
import { type CentrifugeContext, createCentrifugeContext } from './context.js';
import { createLocalPresence } from './presence.js';
import { openSharedPresence } from './shared-presence.js';

export interface OpenCentrifugeOptions {
  readonly fleet: Fleet;
  /** Undefined where everybody may connect. */
  readonly access: Access | undefined;
  readonly expiries: Expiries;
  readonly turns: Turns;
  readonly connectDeadlineMs: number;
}

/** What all Centrifuge connections of a gateway share; their presence counts those of the other gateways too. */
export const openCentrifuge = (
  gateway: GatewayContext,
  { fleet, access, expiries, turns, connectDeadlineMs }: OpenCentrifugeOptions,
): CentrifugeContext & { close(): void } => {
  const presence = createLocalPresence();
  const { countClients, close } = openSharedPresence({ fleet, local: presence });
  const tokens = access === undefined ? {} : { authenticate: authenticateWith(access), canRefresh: true };
  const context = createCentrifugeContext(gateway, {
    presence,
    countClients,
    expiries,
    turns,
    connectDeadlineMs,
    ...tokens,
  });
  return { ...context, close };
};
