type Verb = 'subscribe' | 'unsubscribe';

export interface SubscriptionCommandsOptions {
  /** Sends one command with all these names; throws or rejects on failure. */
  readonly send: (verb: Verb, addresses: readonly string[]) => Promise<void>;
}

/**
 * SUBSCRIBE and UNSUBSCRIBE in the order of the calls. Each is sent in the turn of its call, unless many are in
 * progress: then names of the same verb share a command. However many channels are joined or left at once, only a few
 * commands are pending, and none is rejected for lack of room.
 */
export interface SubscriptionCommands {
  run(verb: Verb, address: string): Promise<void>;
}

/** Commands in progress before further names are collected. */
const maxUnderWay = 100;
/** Names in one command: the server answers each, and serves others in between. */
export const maxNames = 500;

interface Waiting {
  readonly verb: Verb;
  readonly address: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export const createSubscriptionCommands = ({ send }: SubscriptionCommandsOptions): SubscriptionCommands => {
  /** Bounded by the number of calls: an address waits once for each call made for it. */
  const waiting: Waiting[] = [];
  let underWay = 0;

  const takeChunk = (): readonly Waiting[] => {
    const verb = waiting[0]?.verb;
    const end = waiting.findIndex((each, index) => each.verb !== verb || index === maxNames);
    return waiting.splice(0, end === -1 ? waiting.length : end);
  };

  /** A rejected name must not affect the others of its command. */
  const sendChunk = async (chunk: readonly Waiting[]): Promise<void> => {
    const [first] = chunk;
    if (first === undefined) return;
    try {
      const names = chunk.map(({ address }) => address);
      await send(first.verb, names);
      for (const { resolve } of chunk) resolve();
    } catch (error) {
      if (chunk.length === 1) first.reject(error);
      else await Promise.all(chunk.map((each) => sendChunk([each])));
    }
  };

  const pump = (): void => {
    while (waiting.length > 0 && underWay < maxUnderWay) {
      underWay += 1;
      void sendChunk(takeChunk()).then(() => {
        underWay -= 1;
        pump();
      });
    }
  };

  return {
    run: (verb, address) =>
      new Promise((resolve, reject) => {
        waiting.push({ verb, address, resolve, reject });
        pump();
      }),
  };
};
