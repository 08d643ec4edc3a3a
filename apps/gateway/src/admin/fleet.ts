import { randomUUID } from 'node:crypto';
import type { ChannelLayer, Message } from '@tickwire/channel-layer';
import { z } from 'zod';
import { createSignature } from './signature.js';

/** What an operator can tell a gateway to do. */
export type AdminAct = 'drain' | 'disconnect';

export interface FleetOptions {
  readonly layer: Pick<ChannelLayer, 'groupListen' | 'groupSend'>;
  readonly gatewayId: string;
  readonly token: string;
  /** What this gateway tells of itself; called only when an operator looks. */
  readonly status: () => Readonly<Record<string, unknown>>;
  /** `session` is an id of `status`. */
  readonly onCommand: (act: AdminAct, session: string) => void;
  /** How long the others may take to answer. @default 500 */
  readonly answerMs?: number;
  /** @default Date.now */
  readonly now?: () => number;
}

/** All gateways and producers of a layer, as one of the gateways sees them. Nothing is sent while no operator looks. */
export interface Fleet {
  /** What every gateway that answered in time tells, this one first. */
  statuses(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** What producers told last, those silent for ten seconds left out. */
  producers(): readonly Readonly<Record<string, unknown>>[];
  /** @throws what the layer throws. */
  command(gateway: string, act: AdminAct, session: string): Promise<void>;
  close(): void;
}

const everyGateway = 'tickwire.admin';
const oneGateway = (id: string): string => `tickwire.admin.${id}`;
export const producersGroup = 'tickwire.producers';
const silentMs = 10_000;
const maxAnswers = 1_000;
const maxProducers = 100;

const asked = z.object({ type: z.literal('admin.ask'), from: z.string().max(128), at: z.number(), mac: z.string() });
const ordered = z.object({
  type: z.literal('admin.order'),
  to: z.string(),
  act: z.enum(['drain', 'disconnect']),
  session: z.string(),
  at: z.number(),
  mac: z.string(),
});
const told = z.object({ ask: z.string(), status: z.record(z.string(), z.unknown()) });
const produced = z.looseObject({ owner: z.string().max(200) });

/** @throws what the layer throws when it cannot subscribe. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { layer, gatewayId, token, status, onCommand, answerMs = 500, now = Date.now } = options;
  const signature = createSignature(token);
  const asks = new Map<string, Readonly<Record<string, unknown>>[]>();
  const producers = new Map<string, { readonly at: number; readonly status: Readonly<Record<string, unknown>> }>();

  const onShared = (message: Message): void => {
    const ask = asked.safeParse(message);
    if (ask.success) {
      const { from, at, mac } = ask.data;
      if (from.startsWith(`${gatewayId}/`) || !signature.isValid(mac, ['ask', from], at, now())) return;
      const answer = { type: 'admin.told', ask: from, status: status() };
      const to = oneGateway(from.split('/')[0] ?? '');
      layer.groupSend(to, answer).catch(() => {});
      return;
    }
    const order = ordered.safeParse(message);
    if (!order.success || order.data.to !== gatewayId) return;
    const { to, act, session, at, mac } = order.data;
    if (signature.isValid(mac, ['order', to, act, session], at, now())) onCommand(act, session);
  };

  const onTold = (message: Message): void => {
    const parsed = told.safeParse(message);
    const answers = parsed.success ? asks.get(parsed.data.ask) : undefined;
    if (parsed.success && answers !== undefined && answers.length < maxAnswers) answers.push(parsed.data.status);
  };

  const onProducer = (message: Message): void => {
    const parsed = produced.safeParse(message);
    if (!parsed.success) return;
    const { owner } = parsed.data;
    if (producers.has(owner) || producers.size < maxProducers) producers.set(owner, { at: now(), status: parsed.data });
  };

  const stops = [
    await layer.groupListen(oneGateway(gatewayId), onTold),
    await layer.groupListen(everyGateway, onShared),
    await layer.groupListen(producersGroup, onProducer),
  ];

  return {
    async statuses() {
      const from = `${gatewayId}/${randomUUID()}`;
      const answers: Readonly<Record<string, unknown>>[] = [];
      asks.set(from, answers);
      try {
        const at = now();
        await layer.groupSend(everyGateway, { type: 'admin.ask', from, at, mac: signature.sign(['ask', from], at) });
        await new Promise((resolve) => setTimeout(resolve, answerMs));
      } catch {
        // Without Redis an operator sees this gateway, and that it is alone.
      } finally {
        asks.delete(from);
      }
      return [status(), ...answers];
    },
    producers() {
      for (const [owner, { at }] of producers) if (now() - at > silentMs) producers.delete(owner);
      return [...producers.values()].map((producer) => producer.status);
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
