import type { Hub, Publication, Session, Snapshot, SubscribeOptions } from '@tickwire/hub';
import { closeCodes, type Position } from '@tickwire/protocol';
import { type Deadlines, inTime } from '../../timing/deadlines.js';
import { afresh } from './subscription-start.js';

/** A channel lost something while several were being joined: trying again begins behind it. */
export class LostWhileJoining extends Error {
  override readonly name = 'LostWhileJoining';
  readonly code = 'LOST_WHILE_JOINING';
}

/** Thrown out of a snapshot that is only looked at. */
const seen = Symbol('seen');

/**
 * Follows several channels as one. `onReady` is called once, with a snapshot of each channel, all of the same instant:
 * what it sends stands before everything that is published from then on, on any of them. It is not called when the
 * session closed before. The deadline is for what comes before it.
 * @throws DeadlineExceeded, LostWhileJoining, or what the hub throws; then the session follows none of them.
 */
export const followTogether = async (
  hub: Hub,
  session: Session,
  requests: ReadonlyMap<string, SubscribeOptions>,
  deadlines: Deadlines,
  onReady: (snapshots: ReadonlyMap<string, Snapshot>) => void,
): Promise<void> => {
  const joins = [...requests].map(([channel, options]) => new Join(hub, session, channel, options));
  try {
    await inTime(deadlines, Promise.all(joins.map((join) => join.look())));
    if (session.isClosed) return;
    // Nothing may be awaited from here until each join forwards: a publication would fall into the seam.
    onReady(new Map(joins.map((join) => [join.channel, join.snapshot()])));
    for (const join of joins) join.forward();
    await Promise.all(joins.map((join) => join.follow()));
  } catch (error) {
    for (const join of joins) join.leave();
    throw error;
  } finally {
    for (const join of joins) join.end();
  }
};

/** One channel on its way: collects what is published behind its snapshot until the hub takes over. */
class Join {
  readonly channel: string;
  readonly #hub: Hub;
  readonly #session: Session;
  readonly #options: SubscribeOptions;
  #snapshot: Snapshot | undefined;
  #collected: Publication[] = [];
  #position: Position | undefined;
  #isForwarding = false;
  #isBroken = false;
  #untap: (() => void) | undefined;
  #hasEnded = false;

  constructor(hub: Hub, session: Session, channel: string, options: SubscribeOptions) {
    this.#hub = hub;
    this.#session = session;
    this.channel = channel;
    this.#options = options;
  }

  async look(): Promise<void> {
    const untap = await this.#hub.tap(this.channel, (publication) => this.#onPublication(publication));
    if (this.#hasEnded) return untap();
    this.#untap = untap;
    const first = await this.#takeSnapshot(this.#options);
    const next = first && afresh(this.#options, first);
    if (next !== undefined) await this.#takeSnapshot(next);
  }

  snapshot(): Snapshot {
    const snapshot = this.#snapshot;
    if (snapshot === undefined || this.#isBroken) throw new LostWhileJoining(this.channel);
    const collected = this.#collected;
    this.#collected = [];
    // Who asked for no publications begins behind the newest one.
    const isWanted = snapshot.recovered || (this.#options.last ?? 1) > 0;
    return {
      publications: isWanted ? [...snapshot.publications, ...collected] : [],
      position: this.#position,
      recovered: snapshot.recovered,
    };
  }

  forward(): void {
    this.#isForwarding = true;
  }

  async follow(): Promise<void> {
    const { since: _, ...options } = this.#options;
    await this.#hub.subscribe(this.#session, this.channel, { ...options, last: 0 }, () => this.end());
  }

  leave(): void {
    this.#hub.unsubscribe(this.#session, this.channel);
  }

  end(): void {
    this.#hasEnded = true;
    this.#isForwarding = false;
    this.#untap?.();
  }

  async #takeSnapshot(options: SubscribeOptions): Promise<Snapshot | undefined> {
    let taken: Snapshot | undefined;
    try {
      await this.#hub.subscribe(this.#session, this.channel, options, (snapshot) => {
        taken = snapshot;
        this.#snapshot = snapshot;
        this.#position = snapshot.position;
        this.#collected = [];
        this.#isBroken = false;
        throw seen;
      });
    } catch (error) {
      if (error !== seen) throw error;
    }
    return taken;
  }

  #onPublication(publication: Publication): void {
    const known = this.#position;
    const { position } = publication;
    if (this.#snapshot !== undefined && position !== undefined) {
      const isNext =
        known === undefined ? position.seq === 1 : position.epoch === known.epoch && position.seq === known.seq + 1;
      if (!isNext) this.#onGap();
      this.#position = position;
    }
    if (this.#isForwarding) this.#session.sendItems([publication]);
    else this.#collected.push(publication);
  }

  /** A tap hears of publications alone, so what the hub tells its followers as lost shows as a gap here. */
  #onGap(): void {
    if (this.#isForwarding) this.#session.close(closeCodes.insufficientState);
    this.#isBroken = true;
  }
}
