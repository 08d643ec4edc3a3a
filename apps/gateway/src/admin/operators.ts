import { type Fleet, parseBody } from '@tickwire/fleet';
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
import type { Producers } from '../readiness/hear-producers.js';

export interface OperatorsOptions {
  readonly fleet: Fleet;
  readonly producers: Pick<Producers, 'read'>;
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
}

const status = 'status';
const command = 'command';
const orderSchema = z.object({ act: z.enum(adminActs), session: z.string() });

export const createOperators = (options: OperatorsOptions): Operators => {
  const { fleet, producers, status: read, onCommand, clock = createSystemClock() } = options;
  fleet.answer(status, read);
  fleet.obey(command, (body) => {
    const order = parseBody(orderSchema, body);
    if (order !== undefined) onCommand(order.act, order.session);
  });

  return {
    async view() {
      // Without Redis an operator sees only this gateway.
      const others = await fleet.ask(status, '', gatewayStateSchema).catch(() => []);
      const byId = new Map(others.map((state) => [state.id, state]));
      byId.delete(fleet.id);
      return { at: clock.wall(), gateways: [read(), ...byId.values()], producers: producers.read() };
    },
    command: (gateway, act, session) => fleet.order(gateway, command, JSON.stringify({ act, session })),
  };
};
