import type { GroupLayer } from '@tickwire/channel-layer';
import { type Fleet, fleetGroups, parseBody } from '@tickwire/fleet';
import {
  type AdminAct,
  adminActs,
  type Clock,
  createSystemClock,
  type GatewayState,
  gatewayStateSchema,
  type OperatorView,
} from '@tickwire/protocol';
import { z } from 'zod';
import { createProducerBoard } from './producer-board.js';

export interface OperatorsOptions {
  readonly layer: Pick<GroupLayer, 'groupListen'>;
  readonly fleet: Fleet;
  /** This gateway's report on itself; called only when an operator looks. */
  readonly status: () => GatewayState;
  /** `session` is an id of `status`. */
  readonly onCommand: (act: AdminAct, session: string) => void;
  /** @default the system's */
  readonly clock?: Clock;
}

/** All gateways and producers of a layer, as one gateway shows them. Nothing is requested while no operator looks. */
export interface Operators {
  /** Every gateway that answered in time, this one first, and every producer heard recently. */
  view(): Promise<OperatorView>;
  /** @throws what the layer throws. */
  command(gateway: string, act: AdminAct, session: string): Promise<void>;
  close(): void;
}

const status = 'status';
const command = 'command';
const orderSchema = z.object({ act: z.enum(adminActs), session: z.string() });

/** @throws what the layer throws when it cannot subscribe. */
export const openOperators = async (options: OperatorsOptions): Promise<Operators> => {
  const { layer, fleet, status: read, onCommand, clock = createSystemClock() } = options;
  const board = createProducerBoard({ envelope: fleet.envelope, clock });
  fleet.answer(status, read);
  fleet.obey(command, (body) => {
    const order = parseBody(orderSchema, body);
    if (order !== undefined) onCommand(order.act, order.session);
  });
  const unlisten = await layer.groupListen(fleetGroups.producers, board.hear);

  return {
    async view() {
      // Without Redis an operator sees only this gateway.
      const others = await fleet.ask(status, '', gatewayStateSchema).catch(() => []);
      const byId = new Map(others.map((state) => [state.id, state]));
      byId.delete(fleet.id);
      return { at: clock.wall(), gateways: [read(), ...byId.values()], producers: board.read() };
    },
    command: (gateway, act, session) => fleet.order(gateway, command, JSON.stringify({ act, session })),
    close() {
      // An unreachable layer must not delay the close.
      unlisten().catch(() => {});
    },
  };
};
