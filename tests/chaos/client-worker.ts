// A process of many clients: takes commands from the coordinator, answers with what they saw.
import type { Position } from '@tickwire/protocol';
import { waitFor } from '../support/wait-for.js';
import { type ChaosClient, createChaosClient } from './client.js';
import type { Loss, Silence, Violation, WorkerAnswer, WorkerCommand, WorkerResult } from './messages.js';
import { createRandom, type Random } from './random.js';
import { createSeen } from './seen.js';

type Command<T extends WorkerCommand['type']> = Extract<WorkerCommand, { readonly type: T }>;

const pulseMs = 200;
/** Nothing at all for this long is silence. */
const silentMs = 1_000;
const maxAwayMs = 3_000;
const maxViolations = 500;

const seen = createSeen();
const violations: Violation[] = [];
const losses: Loss[] = [];
const silences: Silence[] = [];
const closes: Record<string, number> = {};
const stays: NodeJS.Timeout[] = [];
let clients: readonly ChaosClient[] = [];
let beatAtMs = Date.now();
let longestLagMs = 0;

const answer = (message: WorkerAnswer): void => {
  process.send?.(message);
};

const start = ({ clients: plans, seed, stayMs }: Command<'start'>): void => {
  clients = plans.map((plan) =>
    createChaosClient({
      plan,
      random: createRandom(`${seed} ${plan.name}`),
      seen,
      onViolation(violation) {
        if (violations.length < maxViolations) violations.push(violation);
      },
      onLoss: (loss) => losses.push(loss),
      onSilence: (silence) => silences.push(silence),
      onClosed(code) {
        closes[code] = (closes[code] ?? 0) + 1;
      },
    }),
  );
  for (const [index, client] of clients.entries()) {
    client.connect();
    wander(client, createRandom(`${seed} wander ${index}`), stayMs);
  }
};

/** The client leaves again and again, at random. */
const wander = (client: ChaosClient, random: Random, stayMs: number): void => {
  const place = stays.length;
  const again = (): void => {
    stays[place] = setTimeout(
      () => {
        client.leave(random.next() * maxAwayMs);
        again();
      },
      -Math.log(1 - random.next()) * stayMs,
    );
  };
  stays.push(setTimeout(() => {}, 0));
  again();
};

const stay = (): void => {
  for (const timer of stays) clearTimeout(timer);
};

const finish = async ({ finals, deadlineMs, seenFile }: Command<'finish'>): Promise<void> => {
  const ends: ReadonlyMap<string, Position> = new Map(finals);
  const haveAll = (): boolean => clients.every((client) => client.isThere && client.hasReached(ends));
  // Those who have not by then are judged all the same.
  await waitFor('every client to have everything', haveAll, deadlineMs).catch(() => undefined);
  for (const client of clients) {
    client.end(ends);
    client.close();
  }
  await seen.save(seenFile);
  answer({ type: 'result', result: result() });
};

const result = (): WorkerResult => {
  const sum = (pick: (client: ChaosClient) => number): number =>
    clients.reduce((total, client) => total + pick(client), 0);
  return {
    publications: sum(({ counters }) => counters.publications),
    skipped: sum(({ counters }) => counters.skipped),
    opened: sum(({ counters }) => counters.opened),
    left: sum(({ counters }) => counters.left),
    staleNotices: sum(({ counters }) => counters.staleNotices),
    violations,
    losses,
    silences,
    closes,
    longestLagMs,
  };
};

setInterval(() => {
  const now = Date.now();
  longestLagMs = Math.max(longestLagMs, now - beatAtMs - pulseMs);
  beatAtMs = now;
  const silent = clients.filter((client) => client.isThere && now - client.heardAtMs > silentMs).length;
  answer({ type: 'pulse', silent });
}, pulseMs);

process.on('message', (command: WorkerCommand) => {
  if (command.type === 'start') start(command);
  else if (command.type === 'stay') stay();
  else void finish(command);
});
// Clients of a coordinator that is gone serve nobody.
process.on('disconnect', () => process.exit(0));
