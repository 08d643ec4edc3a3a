import { type Fleet, openFleet } from '@tickwire/fleet';
import { createHub, type Hub, type HubOptions } from '@tickwire/hub';
import type { Random } from '@tickwire/protocol/testing';
import { drainSessions } from '../../apps/gateway/src/drain.js';
import type { ItemFormat } from './item-format.js';
import type { RedisLink } from './redis-link.js';
import type { ClientConnection } from './simulated-client.js';
import type { SimulatedProcess } from './simulated-process.js';

export interface SimulatedGateway {
  readonly process: SimulatedProcess;
  readonly link: RedisLink;
  readonly hub: Hub;
  readonly fleet: Fleet | undefined;
  /** It has not begun to drain. */
  readonly isOpen: boolean;
  /** A client has connected, and asks for its channels. */
  accept(connection: ClientConnection): void;
  /** Sends its clients elsewhere, in stages, and ends. */
  drain(): Promise<void>;
}

export interface SimulatedGatewayOptions {
  readonly process: SimulatedProcess;
  readonly link: RedisLink;
  readonly source: HubOptions['source'];
  readonly format: ItemFormat;
  readonly random: Random;
  readonly hasFleet: boolean;
}

/** A session is owed so little before it is conflated: some dozen items. */
export const maxOutboxBytes = 48;
const slowDeadlineMs = 4_000;
const drainMs = 500;

/** The hub of a gateway and its fleet, with what stands between a hub and a client in all protocols. */
export const createSimulatedGateway = (options: SimulatedGatewayOptions): SimulatedGateway => {
  const { process, link, source, format, random, hasFleet } = options;
  const { clock } = process;
  const hub = createHub({ source, now: clock.monotonic, maxOutboxBytes, slowDeadlineMs, groupLingerMs: 1_000 });

  const openFleetAgain = (): void => {
    openFleet({ layer: link.layer, id: process.name, clock }).then(
      (opened) => {
        gateway.fleet = opened;
      },
      () => void clock.after(500, openFleetAgain),
    );
  };

  const gateway: SimulatedGateway & { fleet: Fleet | undefined; isOpen: boolean } = {
    process,
    link,
    hub,
    fleet: undefined,
    isOpen: true,
    accept(connection) {
      if (!gateway.isOpen) {
        connection.transport.close('shutdown');
        return;
      }
      const session = hub.openSession(connection.transport, format);
      connection.opened(session);
      const joined = hub.join(session, connection.requests, (snapshots) => {
        for (const [channel, { publications, position, recovered }] of snapshots) {
          const since = connection.requests.get(channel)?.since;
          session.send(
            format.encode({ kind: 'snapshot', snapshot: { channel, since, recovered, position, publications } }),
          );
        }
        return 'join';
      });
      joined.catch(() => session.close('notAvailable'));
    },
    async drain() {
      gateway.isOpen = false;
      gateway.fleet?.close();
      await drainSessions(hub.sessions, { drainMs, isWarned: () => false, random: random.next });
      await hub.close();
      await link.layer.close();
      process.isDead = true;
    },
  };
  if (hasFleet) openFleetAgain();
  return gateway;
};
