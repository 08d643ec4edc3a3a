import type { Redis } from 'ioredis';
import { isErrorReply } from './replies.js';

export interface HeartbeatOptions {
  readonly client: Redis;
  /** Milliseconds between heartbeats. One without an answer before the next means that the server is silent. */
  readonly pingMs: number;
  /** The server must be a master: each heartbeat asks for its role. */
  readonly mustWrite: boolean;
  readonly onSilent: () => void;
  /** The server was a master and is now a replica. */
  readonly onReplica: () => void;
}

/** Checks an open connection: PING, or INFO where the role matters. */
export interface Heartbeat {
  /** To be called once, when the connection is open. */
  start(): void;
  stop(): void;
}

export const createHeartbeat = ({ client, pingMs, mustWrite, onSilent, onReplica }: HeartbeatOptions): Heartbeat => {
  /**
   * Whether a byte arrived since the last PING: a reply behind many messages, or behind a long reply, is late, not
   * missing.
   */
  let isHeard = true;
  let isPinging = false;
  let wasMaster = false;
  let timer: NodeJS.Timeout | undefined;

  const isSilent = (): boolean => isPinging && !isHeard;

  const beat = (): void => {
    if (isSilent()) {
      // A timer that is late because the process was busy runs before the reply waiting in the socket is read.
      setImmediate(() => {
        if (isSilent()) onSilent();
      });
      return;
    }
    isHeard = false;
    if (isPinging) return;
    isPinging = true;
    const answered = (): void => {
      isPinging = false;
    };
    if (mustWrite) client.info('replication').then(noteRole, noteRejection).then(answered);
    else client.ping().catch(noteRejection).then(answered);
  };

  /** A replica accepts PUBLISH and does not pass it on, so the loss would go unnoticed. */
  const noteRole = (info: string): void => {
    const isMaster = !/^role:slave/m.test(info);
    if (wasMaster && !isMaster) onReplica();
    wasMaster = isMaster;
  };

  return {
    start() {
      client.stream.on('data', () => {
        isHeard = true;
      });
      timer = setInterval(beat, pingMs);
      if (mustWrite) beat();
    },
    stop() {
      clearInterval(timer);
    },
  };
};

/**
 * A server that does not report its role, or rejects PING because its disk is full, is still alive; without a reply it
 * counts as silent.
 */
const noteRejection = (error: unknown): Promise<never> | undefined =>
  isErrorReply(error) ? undefined : new Promise(() => {});
