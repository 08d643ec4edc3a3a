import type { PublicationEncoder, Session } from '@tickwire/hub';
import type { HistoryRequest } from './command.js';
import type { CentrifugeContext } from './context.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import { readHistory } from './read-history.js';
import type { HistoryResult } from './reply.js';

/** Reads of history that one client may have in progress. */
const maxReads = 8;

/** What one client reads of history. */
export class HistoryReads {
  readonly #context: Pick<CentrifugeContext, 'hub' | 'inTime' | 'turns'>;
  readonly #session: Pick<Session, 'writable'>;
  readonly #encoder: PublicationEncoder;
  #count = 0;
  /** The answer that is being delivered. */
  #delivery: Promise<void> = Promise.resolve();

  constructor(
    context: Pick<CentrifugeContext, 'hub' | 'inTime' | 'turns'>,
    session: Pick<Session, 'writable'>,
    encoder: PublicationEncoder,
  ) {
    this.#context = context;
    this.#session = session;
    this.#encoder = encoder;
  }

  /** @throws CommandRefused: 111 for more than eight at once, and those of `readHistory`. What the history throws. */
  async answer(request: HistoryRequest, deliver: (history: HistoryResult) => void): Promise<void> {
    this.#count += 1;
    try {
      if (this.#count > maxReads) throw new CommandRefused(errorReplies.tooManyRequests);
      const { hub, inTime, turns } = this.#context;
      const history = await hub.readHistory((shared) => inTime(readHistory(shared, request)));
      await this.#inTurn(async () => {
        // Publications keep the bytes made here: the reply only joins them.
        await turns.each(history.publications, (publication) => {
          publication.encodeWith(this.#encoder);
        });
        await this.#session.writable();
        deliver(history);
      });
    } finally {
      this.#count -= 1;
    }
  }

  /** Large answers one after another, as the client takes them: together they would look like a client that is slow. */
  #inTurn(deliver: () => Promise<void>): Promise<void> {
    this.#delivery = this.#delivery.then(deliver, deliver);
    return this.#delivery;
  }
}
