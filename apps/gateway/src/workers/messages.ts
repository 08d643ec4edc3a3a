import { z } from 'zod';

/** How a worker fares, as it tells the primary. */
const report = z.object({
  /** Why it is not ready; empty when it is. */
  reasons: z.array(z.string()),
  isDraining: z.boolean(),
  connections: z.number(),
  rssBytes: z.number(),
});

/** Metrics as prom-client gives them to be summed. A value that JSON does not know counts as 0. */
const metrics = z.array(
  z.looseObject({
    name: z.string(),
    help: z.string(),
    type: z.string(),
    aggregator: z.string(),
    values: z.array(
      z.looseObject({ value: z.number().catch(0), labels: z.record(z.string(), z.unknown()).default({}) }),
    ),
  }),
);

const toPrimary = z.discriminatedUnion('type', [
  /** It listens: new clients may come. Its ports are those of all workers. */
  z.object({ type: z.literal('ready'), port: z.number(), url: z.string() }),
  /** It cannot start; its end follows. */
  z.object({ type: z.literal('failed'), message: z.string(), exitCode: z.number() }),
  /** It takes no new clients and sends its own elsewhere; its end follows. */
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('report'), report }),
  /** Asks whether a client of this address may come in. */
  z.object({ type: z.literal('take'), id: z.number(), address: z.string() }),
  z.object({ type: z.literal('left'), address: z.string() }),
  /** Asks for the metrics of all. */
  z.object({ type: z.literal('gather'), id: z.number() }),
  /** Its own metrics: an answer, or with the id 0 its last ones. */
  z.object({ type: z.literal('metrics'), id: z.number(), metrics }),
]);

const crewState = z.array(
  report.extend({ worker: z.number(), pid: z.number(), state: z.enum(['starting', 'serving', 'leaving']) }),
);

const toWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stop') }),
  /** All workers, as they last told. */
  z.object({ type: z.literal('crew'), workers: crewState }),
  z.object({
    type: z.literal('taken'),
    id: z.number(),
    refusal: z.enum(['connections', 'connections-per-ip', 'connect-rate']).optional(),
  }),
  z.object({ type: z.literal('metrics'), id: z.number() }),
  z.object({ type: z.literal('gathered'), id: z.number(), text: z.string() }),
]);

export type WorkerReport = z.infer<typeof report>;
export type Metrics = z.infer<typeof metrics>;
export type ToPrimary = z.infer<typeof toPrimary>;
export type ToWorker = z.infer<typeof toWorker>;
export type CrewState = z.infer<typeof crewState>;

/** Messages between two processes: those of one turn of the event loop travel together, in order. */
export interface Post<Message> {
  send(message: Message): void;
  /** Resolves when all that was sent is on its way. */
  flushed(): Promise<void>;
}

/** `transmit` calls back when the batch is on its way, or cannot be: the other process is gone then. */
export const createPost = <Message>(transmit: (batch: readonly Message[], done: () => void) => void): Post<Message> => {
  let batch: Message[] = [];
  let sent: Promise<void> = Promise.resolve();
  return {
    send(message) {
      batch.push(message);
      if (batch.length > 1) return;
      sent = new Promise((resolve) => {
        setImmediate(() => {
          const all = batch;
          batch = [];
          transmit(all, resolve);
        });
      });
    },
    flushed: () => sent,
  };
};

/**
 * In a rolling restart the two processes may be of different versions: what one does not know is left out, and the
 * others of a batch still count.
 */
const readWith =
  <Schema extends z.ZodType>(schema: Schema) =>
  (batch: unknown): readonly z.infer<Schema>[] =>
    Array.isArray(batch)
      ? batch.flatMap((message) => {
          const { data, success } = schema.safeParse(message);
          return success ? [data] : [];
        })
      : [];

export const readFromWorker = readWith(toPrimary);
export const readFromPrimary = readWith(toWorker);
