import { randomUUID } from 'node:crypto';
import type { GroupLayer, Message } from '@tickwire/channel-layer';
import { type Clock, createSystemClock } from '@tickwire/protocol';
import type { z } from 'zod';
import { createEnvelope, type Envelope, type Letter, type OpenedLetter } from './envelope.js';
import { fleetGroups } from './groups.js';
import { parseBody } from './parse-body.js';
import { createPeers } from './peers.js';
import { createQuestions } from './questions.js';

export interface FleetOptions {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'groupSend'>;
  /** Nobody else's: part of a group's name. */
  readonly id: string;
  /** Where it is set, only what is signed with it is heeded. @default undefined */
  readonly token?: string | undefined;
  /** Between two signs of life; a member that gave none for three of them is gone. @default 2_000 */
  readonly beatMs?: number;
  /** How long the others may take to answer; then those who did are counted. @default 500 */
  readonly answerMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** The members that share a layer, as one of them sees the others. */
export interface Fleet {
  readonly id: string;
  /** The other members that are there. */
  readonly peers: ReadonlySet<string>;
  /** Opens what is sent to groups of the fleet, and counts what is forged. */
  readonly envelope: Envelope;
  /** Answers questions on a topic. Undefined is no answer. */
  answer(topic: string, respond: (question: string) => unknown): void;
  /** Carries out orders on a topic that are meant for this member. Unsigned ones never are. */
  obey(topic: string, act: (order: string) => void): void;
  /**
   * Asks all others at once, and resolves with what those said who answered in time and in shape.
   * @throws what the layer throws when the question cannot be sent.
   */
  ask<Answer>(topic: string, question: string, shape: z.ZodType<Answer>): Promise<readonly Answer[]>;
  /** Resolves once the order is sent. @throws what the layer throws. */
  order(to: string, topic: string, order: string): Promise<void>;
  close(): void;
}

/** Questions and orders remembered, so that one that is repeated by somebody who heard it does nothing. */
const maxHeeded = 1_000;

/** Resolves once it would hear the others. @throws what the layer throws when it cannot subscribe. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { layer, id, token, beatMs = 2_000, answerMs = 500, clock = createSystemClock() } = options;
  const envelope = createEnvelope({ token, clock });
  const peers = createPeers({ silentMs: 3 * beatMs, clock });
  const questions = createQuestions(answerMs, clock);
  const responders = new Map<string, (question: string) => unknown>();
  const acts = new Map<string, (order: string) => void>();
  const heeded = new Set<string>();
  let isClosed = false;

  /** What gets lost on the way is made good by the next beat, or by the deadline of an answer. */
  const send = (group: string, letter: Pick<Letter, 'kind'> & Partial<Letter>): Promise<void> =>
    layer.groupSend(group, envelope.seal({ ...letter, from: id }));
  const beat = (): void => void send(fleetGroups.everybody, { kind: 'here' }).catch(() => {});

  const isRepeated = (letterId: string): boolean => {
    if (heeded.has(letterId)) return true;
    heeded.add(letterId);
    const [oldest = letterId] = heeded;
    if (heeded.size > maxHeeded) heeded.delete(oldest);
    return false;
  };

  const respond = ({ from, topic, id: question, body }: Letter): void => {
    const responder = responders.get(topic);
    if (responder === undefined || isRepeated(question)) return;
    const answer = responder(body);
    if (answer === undefined) return;
    const letter = { kind: 'answer', to: from, topic, id: question, body: JSON.stringify(answer) } as const;
    // Whoever asked goes on without an answer.
    send(fleetGroups.member(from), letter).catch(() => {});
  };

  /** Undefined for what is not meant for this member, or not to be believed. */
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
    // A newcomer learns of us at once.
    else if (letter.kind === 'here' && peers.heard(letter.from)) beat();
    else if (letter.kind === 'gone' && peers.left(letter.from)) questions.gone(letter.from);
  };

  const onOwn = (message: Message): void => {
    const letter = open(message);
    if (letter?.kind === 'answer') questions.answered(letter.id, letter.from, letter.body);
  };

  const unlistenOwn = await layer.groupListen(fleetGroups.member(id), onOwn);
  const unlistenShared = await layer.groupListen(fleetGroups.everybody, onShared).catch((error: unknown) => {
    unlistenOwn().catch(() => {});
    throw error;
  });
  let cancelBeat: () => void;
  const live = (): void => {
    beat();
    for (const silent of peers.expire()) questions.gone(silent);
    cancelBeat = clock.after(beatMs, live);
  };
  live();

  return {
    id,
    peers: peers.ids,
    envelope,
    answer: (topic, respondTo) => void responders.set(topic, respondTo),
    obey: (topic, act) => void acts.set(topic, act),
    async ask(topic, question, shape) {
      // Alone there is nobody to ask.
      if (peers.ids.size === 0 || isClosed) return [];
      const questionId = randomUUID();
      const answers = questions.open(questionId, peers.ids);
      try {
        await send(fleetGroups.everybody, { kind: 'ask', topic, id: questionId, body: question });
      } catch (error) {
        questions.end(questionId);
        throw error;
      }
      return (await answers).flatMap((body) => parseBody(shape, body) ?? []);
    },
    order: (to, topic, order) =>
      send(fleetGroups.everybody, { kind: 'order', to, topic, id: randomUUID(), body: order }),
    close() {
      if (isClosed) return;
      isClosed = true;
      cancelBeat();
      questions.end();
      send(fleetGroups.everybody, { kind: 'gone' }).catch(() => {});
      // A layer out of reach must not hold up who leaves.
      for (const unlisten of [unlistenShared, unlistenOwn]) unlisten().catch(() => {});
    },
  };
};
