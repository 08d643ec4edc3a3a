import type { Clock } from '@tickwire/protocol';
import type { Registry } from 'prom-client';
import type { SeatRefusal } from '../limits/seats.js';
import type { Crew, Member } from './crew.js';
import { type CrewState, createPost, readFromPrimary, type ToPrimary } from './messages.js';
import { readMetrics } from './together.js';

export interface JoinOptions {
  readonly worker: number;
  readonly size: number;
  /** Sends messages to the primary; calls back when they are on their way. */
  readonly transmit: (batch: readonly ToPrimary[], done: () => void) => void;
  /** Called when the primary wants this worker to end in an orderly way. */
  readonly onStop: () => void;
  readonly clock: Pick<Clock, 'after'>;
}

/** A worker's connection to the primary. */
export interface CrewLink {
  readonly crew: Crew;
  /** Takes messages from the primary. */
  receive(batch: unknown): void;
  /** Reports its state: listening, unable to start, or about to end. Resolves when the report is on its way. */
  say(state: Extract<ToPrimary, { readonly type: 'ready' | 'failed' | 'leaving' }>): Promise<void>;
}

const everyMs = 1_000;
type Answers<Answer> = Map<number, (answer: Answer) => void>;

export const joinCrew = (options: JoinOptions): CrewLink => {
  const { worker, size, transmit, onStop, clock } = options;
  const post = createPost(transmit);
  const takes: Answers<SeatRefusal | undefined> = new Map();
  const gathers: Answers<string> = new Map();
  let others: CrewState = [];
  let member: Member | undefined;
  let lastId = 0;

  const ask = <Answer>(answers: Answers<Answer>, question: (id: number) => ToPrimary): Promise<Answer> =>
    new Promise((resolve) => {
      lastId += 1;
      answers.set(lastId, resolve);
      post.send(question(lastId));
    });
  const answered = <Answer>(answers: Answers<Answer>, id: number, answer: Answer): void => {
    answers.get(id)?.(answer);
    answers.delete(id);
  };
  const sendMetrics = async (registry: Registry | undefined, id: number): Promise<void> => {
    post.send({ type: 'metrics', id, metrics: registry === undefined ? [] : await readMetrics(registry) });
  };

  const receive = (batch: unknown): void => {
    for (const message of readFromPrimary(batch)) {
      switch (message.type) {
        case 'stop':
          onStop();
          break;
        case 'crew':
          others = message.workers.filter(({ pid }) => pid !== process.pid);
          break;
        case 'taken':
          answered(takes, message.id, message.refusal);
          break;
        case 'gathered':
          answered(gathers, message.id, message.text);
          break;
        case 'metrics':
          void sendMetrics(member?.registry, message.id);
          break;
      }
    }
  };

  const isServing = ({ state, isDraining }: CrewState[number]): boolean => state === 'serving' && !isDraining;
  const isDraining = (): boolean => member?.report().isDraining === true;

  const crew: Crew = {
    worker,
    size,
    seats: {
      take: (address) => ask(takes, (id) => ({ type: 'take', id, address })),
      leave: (address) => post.send({ type: 'left', address }),
    },
    get othersRssBytes() {
      return sum(others, ({ rssBytes }) => rssBytes);
    },
    get isAnotherServing() {
      return others.some(isServing);
    },
    combine(own) {
      const serving = others.filter(isServing);
      const answering = serving.map(({ worker: number, reasons }) => ({ number, reasons }));
      if (!isDraining() || serving.length === 0) answering.push({ number: worker, reasons: [...own.reasons] });
      const reasons = answering
        .sort((a, b) => a.number - b.number)
        .flatMap(({ number, reasons: found }) => found.map((reason) => `worker ${number}: ${reason}`));
      return {
        ...own,
        ready: reasons.length === 0,
        reasons,
        rssBytes: own.rssBytes + sum(others, ({ rssBytes }) => rssBytes),
        connections: own.connections + sum(others, ({ connections }) => connections),
        workers: { serving: serving.length + Number(!isDraining()), wanted: size },
      };
    },
    render: () => ask(gathers, (id) => ({ type: 'gather', id })),
    join(joined) {
      member = joined;
      const report = (): void => post.send({ type: 'report', report: joined.report() });
      let cancel: () => void;
      const reportAgain = (): void => {
        report();
        cancel = clock.after(everyMs, reportAgain);
      };
      reportAgain();
      return {
        changed: report,
        async close() {
          cancel();
          // The sums must include what it counted since it was last asked.
          await sendMetrics(joined.registry, 0);
          await post.flushed();
        },
      };
    },
  };

  return {
    crew,
    receive,
    say(state) {
      post.send(state);
      return post.flushed();
    },
  };
};

const sum = (workers: CrewState, of: (worker: CrewState[number]) => number): number =>
  workers.reduce((total, worker) => total + of(worker), 0);
