import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { needsPlain, needsTls } from './replies.js';

/** Where a client connects, in ioredis' terms. */
export interface AskedPlace {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
  readonly sentinels?: readonly { readonly host?: string; readonly port?: number }[] | null | undefined;
}

/** How long a server may take to answer. */
const answerMs = 2_000;

/**
 * Asks a server that does not accept this client whether it would accept one with TLS, or without: the opposite of what
 * was tried. Returns a sentence that says so; undefined if it would not, or cannot be asked.
 */
export const findOtherProtocol = async (place: AskedPlace): Promise<string | undefined> => {
  const { host, port, path, tls, sentinels } = place;
  if (path) return undefined;
  const asked = sentinels?.length ? sentinels : [{ host, port }];
  const answers = await Promise.all(
    asked.map((each) => {
      const address = { host: each.host ?? 'localhost', port: each.port ?? 6_379 };
      return tls === undefined ? speaksTls(address) : speaksPlain(address);
    }),
  );
  if (!answers.some(Boolean)) return undefined;
  return tls === undefined ? needsTls : needsPlain;
};

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Any reply counts: PONG, that a password is required, or that the host is not served. */
const speaksPlain = (address: Address): Promise<boolean> =>
  ask(connectPlain(address), (socket, decide) => {
    socket.write('PING\r\n');
    socket.on('data', (data) => decide(/^[+-]/.test(data.toString('latin1'))));
  });

const speaksTls = (address: Address): Promise<boolean> =>
  // The certificate is not checked, because nothing is sent.
  ask(connectTls({ ...address, rejectUnauthorized: false }), (socket, decide) => {
    socket.on('secureConnect', () => decide(true));
  });

const ask = (socket: Socket, hear: (socket: Socket, decide: (answer: boolean) => void) => void): Promise<boolean> =>
  new Promise((resolve) => {
    const decide = (answer: boolean): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => decide(false), answerMs);
    socket.on('error', () => decide(false));
    socket.on('close', () => decide(false));
    hear(socket, decide);
  });
