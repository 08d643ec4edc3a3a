import { ConfigError, StartError } from '@tickwire/runtime';
import type { OwnSeats } from '../limits/seats.js';
import { type CrewState, createPost, type Metrics, readFromWorker, type ToPrimary, type ToWorker } from './messages.js';

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process as the system gives it. */
export interface Child {
  readonly pid: number;
  transmit(batch: readonly ToWorker[], done: () => void): void;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildListener {
  onBatch(batch: unknown): void;
  onExit(exit: WorkerExit): void;
}

export type Fork = (worker: number, listener: ChildListener) => Child;

export interface WorkerProcessOptions {
  /** From 1 on. */
  readonly worker: number;
  readonly fork: Fork;
  readonly seats: OwnSeats;
  /** It changed its state, or how it fares. */
  readonly onChange: () => void;
  /** Makes the text of all metrics. */
  readonly gather: () => Promise<string>;
  readonly onExit: (worker: WorkerProcess, exit: WorkerExit) => void;
}

/** One worker, as the primary sees it. A class, because it is much state that others read. */
export class WorkerProcess {
  readonly worker: number;
  readonly pid: number;
  state: CrewState[number]['state'] = 'starting';
  /** It is to end: its exit is no accident. */
  isDismissed = false;
  /** Seconds in which the primary ran and heard nothing. */
  silentSeconds = 0;
  /** Since it serves. */
  servedSeconds = 0;
  /** The reason that it gave for not starting. */
  failure: Error | undefined;
  /** Its last report. */
  metrics: Metrics = [];
  /** @throws ConfigError, StartError: what kept it from starting */
  readonly ready: Promise<{ readonly port: number; readonly url: string }>;
  readonly exited: Promise<WorkerExit>;
  readonly #child: Child;
  readonly #options: WorkerProcessOptions;
  readonly #post = createPost<ToWorker>((batch, done) => this.#child.transmit(batch, done));
  readonly #seats = new Map<string, number>();
  readonly #answers = new Map<number, () => void>();
  #report: Extract<ToPrimary, { type: 'report' }>['report'] | undefined;
  #onReady: (place: { readonly port: number; readonly url: string }) => void = () => {};
  #onFailed: (error: Error) => void = () => {};
  #onExited: (exit: WorkerExit) => void = () => {};
  #lastId = 0;

  constructor(options: WorkerProcessOptions) {
    this.worker = options.worker;
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailed = reject;
    });
    // A rejection reaches whoever waits for it; it must not end the process when nobody does.
    this.ready.catch(() => {});
    this.exited = new Promise((resolve) => {
      this.#onExited = resolve;
    });
    this.#child = options.fork(options.worker, {
      onBatch: (batch) => {
        for (const message of readFromWorker(batch)) this.#hear(message);
      },
      onExit: (exit) => this.#end(exit),
    });
    this.pid = this.#child.pid;
  }

  /** What the other workers learn of this one. */
  get entry(): CrewState[number] {
    const { worker, pid, state, silentSeconds } = this;
    const report = this.#report ?? { reasons: [], isDraining: false, connections: 0, rssBytes: 0 };
    const isSilent = this.isSilent && state === 'serving';
    return {
      ...report,
      worker,
      pid,
      state,
      reasons: isSilent ? [`silent for ${silentSeconds} s`, ...report.reasons] : report.reasons,
    };
  }

  /** It does not answer: a question would wait in vain. */
  get isSilent(): boolean {
    return this.silentSeconds >= maxSilentSeconds;
  }

  send(message: ToWorker): void {
    if (!this.isSilent || message.type === 'stop') this.#post.send(message);
  }

  /** Resolves when `metrics` are new, or when it ends. */
  askMetrics(): Promise<void> {
    return new Promise((resolve) => {
      this.#lastId += 1;
      this.#answers.set(this.#lastId, resolve);
      this.send({ type: 'metrics', id: this.#lastId });
    });
  }

  /** Ends in an orderly way. */
  dismiss(): void {
    this.isDismissed = true;
    this.state = 'leaving';
    this.send({ type: 'stop' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #take(id: number, address: string): Promise<void> {
    const refusal = this.#options.seats.take(address);
    if (refusal === undefined) this.#seats.set(address, (this.#seats.get(address) ?? 0) + 1);
    this.send({ type: 'taken', id, ...(refusal !== undefined && { refusal }) });
  }

  #leave(address: string): void {
    const left = (this.#seats.get(address) ?? 0) - 1;
    if (left < 0) return;
    if (left > 0) this.#seats.set(address, left);
    else this.#seats.delete(address);
    this.#options.seats.leave(address);
  }

  #hear(message: ToPrimary): void {
    this.silentSeconds = 0;
    switch (message.type) {
      case 'take':
        void this.#take(message.id, message.address);
        break;
      case 'left':
        this.#leave(message.address);
        break;
      case 'report':
        this.#report = message.report;
        this.#options.onChange();
        break;
      case 'ready':
        if (this.state === 'starting') this.state = 'serving';
        this.#onReady(message);
        this.#options.onChange();
        break;
      case 'failed':
        this.failure = message.exitCode === 2 ? new ConfigError(message.message) : new StartError(message.message);
        break;
      case 'leaving':
        this.state = 'leaving';
        this.#options.onChange();
        break;
      case 'gather':
        void this.#options.gather().then((text) => this.send({ type: 'gathered', id: message.id, text }));
        break;
      case 'metrics':
        this.metrics = message.metrics;
        this.#answers.get(message.id)?.();
        this.#answers.delete(message.id);
        break;
    }
  }

  #end(exit: WorkerExit): void {
    for (const [address, count] of this.#seats) {
      for (let each = 0; each < count; each += 1) this.#options.seats.leave(address);
    }
    this.#seats.clear();
    for (const answer of this.#answers.values()) answer();
    this.#answers.clear();
    const how = exit.signal ?? `exit code ${exit.code}`;
    this.#onFailed(this.failure ?? new StartError(`worker ${this.worker} ended while it started: ${how}`));
    this.#onExited(exit);
    this.#options.onExit(this, exit);
  }
}

/** Each worker reports once a second. */
const maxSilentSeconds = 5;
