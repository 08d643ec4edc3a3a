import type { Fleet } from '@tickwire/fleet';
import { z } from 'zod';

/** What further commands of a client over HTTP are delivered to. */
export interface Emulated {
  receive(data: string | Uint8Array): void;
}

/** Unknown is a session of a gateway that is not there. */
export type Delivery = 'delivered' | 'unknown';

/**
 * Clients over HTTP, each at the gateway that has its stream. Their commands may come to any gateway, which passes them
 * on.
 */
export interface Emulations {
  /** Returns the session's name, for the client to send with its commands. */
  add(emulated: Emulated): string;
  remove(session: string): void;
  /** A command of a session that ended at a gateway that is there is as good as delivered: its stream has ended too. */
  deliver(session: string, data: string | Uint8Array): Promise<Delivery>;
}

export interface EmulationsOptions {
  readonly fleet: Pick<Fleet, 'id' | 'answer' | 'ask'>;
  readonly newId: () => string;
}

const topic = 'emulation';
const letterSchema = z.object({ session: z.string(), text: z.string().optional(), base64: z.string().optional() });
const answerSchema = z.object({ isMine: z.boolean() });

export const createEmulations = ({ fleet, newId }: EmulationsOptions): Emulations => {
  const local = new Map<string, Emulated>();
  const isMine = (session: string): boolean => session.startsWith(`${fleet.id}/`);

  fleet.answer(topic, (question) => {
    const letter = letterSchema.safeParse(parsed(question)).data;
    if (letter === undefined || !isMine(letter.session)) return { isMine: false };
    const { session, text, base64 = '' } = letter;
    local.get(session)?.receive(text ?? Buffer.from(base64, 'base64'));
    return { isMine: true };
  });

  return {
    add(emulated) {
      const session = `${fleet.id}/${newId()}`;
      local.set(session, emulated);
      return session;
    },
    remove: (session) => void local.delete(session),
    async deliver(session, data) {
      if (isMine(session)) {
        local.get(session)?.receive(data);
        return 'delivered';
      }
      const content = typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') };
      const answers = await fleet.ask(topic, JSON.stringify({ session, ...content }), answerSchema);
      return answers.some((answer) => answer.isMine) ? 'delivered' : 'unknown';
    },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
