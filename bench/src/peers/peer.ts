import type { Greeting } from '../load/greeting.js';
import type { Child, Children } from '../process/children.js';
import type { PublishForm } from '../publish/commands.js';

export interface PeerContext {
  readonly children: Children;
  /** Cores the server may use. */
  readonly cores: readonly number[] | undefined;
  readonly redisUrl: string;
  readonly redisPort: number;
  /** Names of the channels that every client follows. */
  readonly channels: readonly string[];
}

export interface RunningPeer {
  readonly child: Child;
  readonly port: number;
}

/** A server under test: the product, a rival, or a floor. */
export interface Peer {
  readonly name: string;
  /** How it is set up, for the report. */
  readonly setUp: string;
  readonly form: PublishForm;
  greeting(channels: readonly string[]): Greeting;
  /** A client that reconnects can get what it missed. @default false */
  readonly canRecover?: boolean;
  /** It collects garbage on SIGUSR2, which would end others. @default false */
  readonly collectsOnSignal?: boolean;
  /**
   * Why it does not run here; undefined when it does. What is not there is built, which may take minutes: a quick run
   * does without such a server.
   */
  missing(isQuick: boolean): string | undefined;
  start(context: PeerContext): Promise<RunningPeer>;
}
