import type { Fleet } from '@tickwire/fleet';
import { z } from 'zod';

/** What further commands of a client over HTTP are delivered to. */
export interface Emulated {
  receive(data: string | Uint8Array): void;
}

/** `unknown`: the session is of a gateway that is not there. `busy`: too many commands are on their way to others. */
export type Delivery = 'delivered' | 'unknown' | 'busy';

/**
 * Clients over HTTP, each at the gateway that has its stream. Their commands may come to any gateway, which passes them
 * on.
 */
export interface Emulations {
  /** Returns the session's name, for the client to send with its commands. */
  add(emulated: Emulated): string;
  remove(session: string): void;
  /**
   * A command of a session that ended at a gateway that is there counts as delivered: its stream has ended too.
   * @throws what the layer throws when the command cannot be passed on.
   */
  deliver(session: string, data: string | Uint8Array, address: string): Promise<Delivery>;
}

export interface EmulationsOptions {
  readonly fleet: Pick<Fleet, 'id' | 'answer' | 'ask'>;
  readonly newId: () => string;
  /** Commands on their way to other gateways, in all. @default 1_000 */
  readonly maxPassing?: number;
  /** The same of one address. @default 64 */
  readonly maxPassingOfAddress?: number;
}

const topic = 'emulation';
const letterSchema = z.object({ session: z.string(), text: z.string().optional(), base64: z.string().optional() });
const answerSchema = z.literal('delivered');

export const createEmulations = (options: EmulationsOptions): Emulations => {
  const { fleet, newId, maxPassing = 1_000, maxPassingOfAddress = 64 } = options;
  const local = new Map<string, Emulated>();
  const passing = new Map<string, number>();
  let passingInAll = 0;

  fleet.answer(topic, (question) => {
    const letter = letterSchema.safeParse(parsed(question)).data;
    if (letter === undefined) return undefined;
    const { session, text, base64 = '' } = letter;
    local.get(session)?.receive(text ?? Buffer.from(base64, 'base64'));
    return 'delivered';
  });

  const pass = async (gateway: string, letter: z.infer<typeof letterSchema>): Promise<Delivery> => {
    const answers = await fleet.ask(topic, JSON.stringify(letter), answerSchema, gateway);
    return answers[0] ?? 'unknown';
  };

  return {
    add(emulated) {
      const session = `${fleet.id}/${newId()}`;
      local.set(session, emulated);
      return session;
    },
    remove: (session) => void local.delete(session),
    async deliver(session, data, address) {
      const gateway = session.slice(0, session.indexOf('/'));
      if (gateway === fleet.id) {
        local.get(session)?.receive(data);
        return 'delivered';
      }
      const ofAddress = passing.get(address) ?? 0;
      if (ofAddress >= maxPassingOfAddress || passingInAll >= maxPassing) return 'busy';
      passing.set(address, ofAddress + 1);
      passingInAll += 1;
      try {
        const content = typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') };
        return await pass(gateway, { session, ...content });
      } finally {
        passingInAll -= 1;
        const left = (passing.get(address) ?? 0) - 1;
        if (left > 0) passing.set(address, left);
        else passing.delete(address);
      }
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
