import { randomUUID } from 'node:crypto';
import type { ChannelLayer, Message } from '@tickwire/channel-layer';
import { type AdminAct, adminActs, type GatewayState, gatewayStateSchema, type OperatorView } from '@tickwire/protocol';
import { createOperatorSignature } from '@tickwire/runtime';
import { z } from 'zod';
import { createProducerBoard, producersGroup } from './producer-board.js';
import { readState } from './read-state.js';

export interface FleetOptions {
  readonly layer: Pick<ChannelLayer, 'groupListen' | 'groupSend'>;
  readonly gatewayId: string;
  readonly token: string;
  /** What this gateway tells of itself; called only when an operator looks. */
  readonly status: () => GatewayState;
  /** `session` is an id of `status`. */
  readonly onCommand: (act: AdminAct, session: string) => void;
  /** Something in the name of operators came that they did not sign. */
  readonly onForged: () => void;
  /** How long the others may take to answer. @default 500 */
  readonly answerMs?: number;
  /** @default Date.now */
  readonly now?: () => number;
}

/** All gateways and producers of a layer, as one of the gateways sees them. Nothing is sent while no operator looks. */
export interface Fleet {
  /** Every gateway that answered in time, this one first, and every producer that was heard lately. */
  view(): Promise<OperatorView>;
  /** @throws what the layer throws. */
  command(gateway: string, act: AdminAct, session: string): Promise<void>;
  close(): void;
}

const everyGateway = 'tickwire.admin';
const oneGateway = (id: string): string => `tickwire.admin.${id}`;
const maxAnswers = 1_000;
/** Questions remembered, so that who repeats one he heard gets nothing done. */
const maxAnswered = 1_000;

const asked = z.object({ type: z.literal('admin.ask'), from: z.string().max(128), at: z.number(), mac: z.string() });
const ordered = z.object({
  type: z.literal('admin.order'),
  to: z.string(),
  act: z.enum(adminActs),
  session: z.string(),
  at: z.number(),
  mac: z.string(),
});
const told = z.object({
  type: z.literal('admin.told'),
  ask: z.string(),
  status: z.string().max(1_000_000),
  at: z.number(),
  mac: z.string(),
});

/** @throws what the layer throws when it cannot subscribe. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { layer, gatewayId, token, status, onCommand, onForged, answerMs = 500, now = Date.now } = options;
  const signature = createOperatorSignature(token);
  const board = createProducerBoard({ signature, onForged, now });
  /** By question and gateway: who repeats an answer adds nothing. */
  const asks = new Map<string, Map<string, GatewayState>>();

  const answered = new Set<string>();

  const answer = (from: string): void => {
    if (answered.has(from)) return;
    answered.add(from);
    const [oldest = from] = answered;
    if (answered.size > maxAnswered) answered.delete(oldest);
    const text = JSON.stringify(status());
    const at = now();
    const mac = signature.sign(['told', from, text], at);
    const to = oneGateway(from.split('/')[0] ?? '');
    // Who asked goes on without an answer.
    layer.groupSend(to, { type: 'admin.told', ask: from, status: text, at, mac }).catch(() => {});
  };

  const onShared = (message: Message): void => {
    const ask = asked.safeParse(message);
    if (ask.success) {
      const { from, at, mac } = ask.data;
      if (from.startsWith(`${gatewayId}/`)) return;
      if (signature.isValid(mac, ['ask', from], at, now())) answer(from);
      else onForged();
      return;
    }
    const order = ordered.safeParse(message);
    if (!order.success || order.data.to !== gatewayId) return;
    const { to, act, session, at, mac } = order.data;
    if (signature.isValid(mac, ['order', to, act, session], at, now())) onCommand(act, session);
    else onForged();
  };

  const onTold = (message: Message): void => {
    const parsed = told.safeParse(message);
    const answers = parsed.success ? asks.get(parsed.data.ask) : undefined;
    if (!parsed.success || answers === undefined || answers.size >= maxAnswers) return;
    const { ask, status: text, at, mac } = parsed.data;
    if (!signature.isValid(mac, ['told', ask, text], at, now())) {
      onForged();
      return;
    }
    const state = readState(gatewayStateSchema, text);
    if (state !== undefined) answers.set(state.id, state);
  };

  const stops = [
    await layer.groupListen(oneGateway(gatewayId), onTold),
    await layer.groupListen(everyGateway, onShared),
    await layer.groupListen(producersGroup, board.hear),
  ];

  return {
    async view() {
      const from = `${gatewayId}/${randomUUID()}`;
      const answers = new Map<string, GatewayState>();
      asks.set(from, answers);
      const at = now();
      const mac = signature.sign(['ask', from], at);
      // Without Redis an operator sees this gateway, and that it is alone.
      layer.groupSend(everyGateway, { type: 'admin.ask', from, at, mac }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      asks.delete(from);
      const own = status();
      answers.delete(own.id);
      return { at: now(), gateways: [own, ...answers.values()], producers: board.read() };
    },
    async command(gateway, act, session) {
      const at = now();
      const mac = signature.sign(['order', gateway, act, session], at);
      await layer.groupSend(everyGateway, { type: 'admin.order', to: gateway, act, session, at, mac });
    },
    close() {
      // A layer out of reach must not hold up who leaves.
      for (const stop of stops) stop().catch(() => {});
    },
  };
};
