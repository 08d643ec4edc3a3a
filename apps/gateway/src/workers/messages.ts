import { z } from 'zod';

/** The state of a worker, as it reports it to the primary. */
const report = z.object({
  /** Why it is not ready; empty if it is. */
  reasons: z.array(z.string()),
  isDraining: z.boolean(),
  connections: z.number(),
  rssBytes: z.number(),
});

/** Metrics in the form in which prom-client sums them. A value that JSON cannot express counts as 0. */
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
  /** The worker listens and accepts clients. Its ports are those of all workers. */
  z.object({ type: z.literal('ready'), port: z.number(), url: z.string() }),
  /** The worker cannot start and will end. */
  z.object({ type: z.literal('failed'), message: z.string(), exitCode: z.number() }),
  /** The worker accepts no new clients, sends its own elsewhere, and will end. */
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('report'), report }),
  /** Asks whether a client of this address may connect. */
  z.object({ type: z.literal('take'), id: z.number(), address: z.string() }),
  z.object({ type: z.literal('left'), address: z.string() }),
  /** Asks for the metrics of all workers. */
  z.object({ type: z.literal('gather'), id: z.number() }),
  /** The worker's own metrics: an answer, or with the id 0 its last ones. */
  z.object({ type: z.literal('metrics'), id: z.number(), metrics }),
]);

const crewState = z.array(
  report.extend({ worker: z.number(), pid: z.number(), state: z.enum(['starting', 'serving', 'leaving']) }),
);

const toWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stop') }),
  /** All workers, as last reported. */
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

/** Messages between two processes. Those of one turn of the event loop are sent together, in order. */
export interface Post<Message> {
  send(message: Message): void;
  /** Resolves when everything sent is on its way. */
  flushed(): Promise<void>;
}

/** `transmit` calls back when the batch is on its way, or cannot be sent because the other process is gone. */
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
 * In a rolling restart the two processes may have different versions: unknown messages are ignored, and the others of
 * the batch still count.
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
