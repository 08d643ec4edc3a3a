import { randomUUID } from 'node:crypto';
import type { GroupLayer, Message } from '@tickwire/channel-layer';
import { type Clock, createSystemClock, reservedPrefix } from '@tickwire/protocol';
import type { z } from 'zod';
import { createEnvelope, type Envelope, type Letter, type OpenedLetter, parseBody } from './envelope.js';
import { createPeers } from './peers.js';
import { createQuestions } from './questions.js';

/** The groups in which gateways and producers ask questions and report. */
export const fleetGroups = {
  everybody: `${reservedPrefix}fleet`,
  member: (id: string): string => `${reservedPrefix}fleet.${id}`,
  producers: `${reservedPrefix}producers`,
  probe: (id: string): string => `${reservedPrefix}probe.${id}`,
} as const;

export interface FleetOptions {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'groupSend'>;
  /** Unique: part of a group's name. */
  readonly id: string;
  /** If set, only letters signed with it are accepted. @default undefined */
  readonly token?: string | undefined;
  /** Time between two beats; a member that missed three of them is gone. @default 2_000 */
  readonly beatMs?: number;
  /** How long the others may take to answer; then the answers received count. @default 500 */
  readonly answerMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** The members that share a layer, as seen by one of them. */
export interface Fleet {
  readonly id: string;
  /** The other members present. */
  readonly peers: ReadonlySet<string>;
  /** Opens letters sent to groups of the fleet, and counts forged ones. */
  readonly envelope: Envelope;
  /** Answers questions on a topic. Undefined sends no answer. */
  answer(topic: string, respond: (question: string) => unknown): void;
  /** Carries out signed orders on a topic for this member. Unsigned orders are rejected. */
  obey(topic: string, act: (order: string) => void): void;
  /**
   * Asks all others at once, or one member alone. Resolves with the answers that arrived in time and in shape.
   * @throws what the layer throws when the question cannot be sent.
   */
  ask<Answer>(topic: string, question: string, shape: z.ZodType<Answer>, member?: string): Promise<readonly Answer[]>;
  /** Resolves once the order is sent. @throws what the layer throws. */
  order(to: string, topic: string, order: string): Promise<void>;
  close(): void;
}

/** Number of questions and orders remembered, so that a replayed letter has no effect. */
const maxHandled = 1_000;

/** Resolves once it can hear the others. @throws what the layer throws when it cannot subscribe. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { layer, id, token, beatMs = 2_000, answerMs = 500, clock = createSystemClock() } = options;
  const envelope = createEnvelope({ token, clock });
  const peers = createPeers({ silentMs: 3 * beatMs, clock });
  const questions = createQuestions(answerMs, clock);
  const responders = new Map<string, (question: string) => unknown>();
  const acts = new Map<string, (order: string) => void>();
  const handled = new Set<string>();
  let isClosed = false;

  /** The next beat, or the deadline of an answer, makes up for a lost letter. */
  const send = (group: string, letter: Pick<Letter, 'kind'> & Partial<Letter>): Promise<void> =>
    layer.groupSend(group, envelope.seal({ ...letter, from: id }));
  const beat = (): void => void send(fleetGroups.everybody, { kind: 'here' }).catch(() => {});

  const isRepeated = (letterId: string): boolean => {
    if (handled.has(letterId)) return true;
    handled.add(letterId);
    const [oldest = letterId] = handled;
    if (handled.size > maxHandled) handled.delete(oldest);
    return false;
  };

  const respond = ({ from, topic, id: question, body }: Letter): void => {
    const responder = responders.get(topic);
    if (responder === undefined || isRepeated(question)) return;
    const answer = responder(body);
    if (answer === undefined) return;
    const letter = { kind: 'answer', to: from, topic, id: question, body: JSON.stringify(answer) } as const;
    // If it fails, the asking member continues without an answer.
    send(fleetGroups.member(from), letter).catch(() => {});
  };

  /** Undefined for a letter that is not for this member, or is not accepted. */
  const open = (message: Message): OpenedLetter | undefined => {
    const letter = envelope.open(message);
    if (letter === undefined || (letter.to !== '' && letter.to !== id)) return undefined;
    if (letter.isSigned || (token === undefined && letter.kind !== 'order')) return letter;
    envelope.reject();
    return undefined;
  };

  const onShared = (message: Message): void => {
    const letter = open(message);
    if (letter === undefined) return;
    if (letter.kind === 'order') {
      if (!isRepeated(letter.id)) acts.get(letter.topic)?.(letter.body);
      return;
    }
    if (letter.from === id) return;
    if (letter.kind === 'ask') respond(letter);
    // Announces this member to a newcomer at once.
    else if (letter.kind === 'here' && peers.heard(letter.from)) beat();
    else if (letter.kind === 'gone' && peers.left(letter.from)) questions.gone(letter.from);
  };

  const onOwn = (message: Message): void => {
    const letter = open(message);
    if (letter?.kind === 'answer') questions.answered(letter.id, letter.from, letter.body);
    else if (letter?.kind === 'ask') respond(letter);
  };

  const unlistenOwn = await layer.groupListen(fleetGroups.member(id), onOwn);
  const unlistenShared = await layer.groupListen(fleetGroups.everybody, onShared).catch((error: unknown) => {
    unlistenOwn().catch(() => {});
    throw error;
  });
  let cancelBeat: () => void;
  const keepBeating = (): void => {
    beat();
    for (const silent of peers.expire()) questions.gone(silent);
    cancelBeat = clock.after(beatMs, keepBeating);
  };
  keepBeating();

  return {
    id,
    peers: peers.ids,
    envelope,
    answer: (topic, respondTo) => void responders.set(topic, respondTo),
    obey: (topic, act) => void acts.set(topic, act),
    async ask(topic, question, shape, member) {
      const asked = member === undefined ? [...peers.ids] : [member].filter((id) => peers.ids.has(id));
      // Without other members there is nobody to ask.
      if (asked.length === 0 || isClosed) return [];
      const questionId = randomUUID();
      const answers = questions.open(questionId, asked);
      const group = member === undefined ? fleetGroups.everybody : fleetGroups.member(member);
      try {
        await send(group, { kind: 'ask', to: member ?? '', topic, id: questionId, body: question });
      } catch (error) {
        questions.end(questionId);
        throw error;
      }
      return (await answers).flatMap((body) => {
        const answer = parseBody(shape, body);
        if (answer === undefined) envelope.misread();
        return answer ?? [];
      });
    },
    order: (to, topic, order) =>
      send(fleetGroups.everybody, { kind: 'order', to, topic, id: randomUUID(), body: order }),
    close() {
      if (isClosed) return;
      isClosed = true;
      cancelBeat();
      questions.end();
      send(fleetGroups.everybody, { kind: 'gone' }).catch(() => {});
      // An unreachable layer must not delay the close.
      for (const unlisten of [unlistenShared, unlistenOwn]) unlisten().catch(() => {});
    },
  };
};
