import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { LayerRejected } from '../errors.js';
import { describeError, isCutOff, isOfSentinels, isRejection, needsPlain, needsTls, sentinelNeeds } from './replies.js';

/** Where a client connects, in ioredis' terms. */
export interface AskedPlace {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
  readonly sentinels?: readonly { readonly host?: string; readonly port?: number }[] | null | undefined;
  /** The Sentinels' name for the master. */
  readonly name?: string | null | undefined;
  readonly sentinelUsername?: string | null | undefined;
  readonly sentinelPassword?: string | null | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How long a server may take to answer. */
const answerMs = 2_000;

/**
 * Asks a server that does not accept this client whether it would accept one with TLS, or without: the opposite of what
 * was tried. Behind Sentinels these are asked, and the master they named, if there is one. Returns a sentence that says
 * so; undefined if none would, or none can be asked.
 */
export const findOtherProtocol = async (place: AskedPlace, master?: Address): Promise<string | undefined> => {
  const { host, port, path, tls, sentinels } = place;
  if (path) return undefined;
  const isTls = tls !== undefined;
  const speaksOther = isTls ? speaksPlain : speaksTls;
  if (!sentinels?.length) {
    const isOther = await speaksOther(addressOf({ host, port }));
    return isOther ? (isTls ? needsPlain : needsTls) : undefined;
  }
  const asked = sentinels.map((each) => ({ who: 'a Sentinel', address: addressOf(each) }));
  if (master !== undefined) asked.push({ who: `the master at ${master.host}:${master.port}`, address: master });
  const who = await firstOf(asked.map(async (each) => ((await speaksOther(each.address)) ? each.who : undefined)));
  return who && sentinelNeeds(isTls, who);
};

/** The first answer that is one: those who speak as was tried may keep silent to the opposite. */
const firstOf = <Answer>(answers: readonly Promise<Answer | undefined>[]): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    for (const answer of answers) void answer.then((given) => given && resolve(given));
    void Promise.all(answers).then(() => resolve(undefined));
  });

/** The error that says best why a connection could not be opened. */
export const findCause = async (place: AskedPlace, error: unknown, master?: Address): Promise<unknown> => {
  if (place.tls === undefined && isCutOff(error)) {
    // A master may cut the connection off before it is seen to be open.
    const other = await findOtherProtocol(place, master ?? (await findMaster(place)));
    if (other !== undefined) return new LayerRejected(other);
  }
  return isOfSentinels(error) ? ((await findSentinelTrouble(place)) ?? error) : error;
};

/** The address that a Sentinel without TLS has for the master. */
const findMaster = async (place: AskedPlace): Promise<Address | undefined> => {
  const { name, sentinels, sentinelUsername, sentinelPassword } = place;
  if (!sentinels?.length || !name) return undefined;
  const login = sentinelPassword
    ? [commandOf('AUTH', ...(sentinelUsername ? [sentinelUsername] : []), sentinelPassword)]
    : [];
  const question = [...login, commandOf('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)].join('');
  const answers = sentinels.map((each) =>
    ask<Address | undefined>(connectPlain(addressOf(each)), undefined, (socket, decide) => {
      let text = '';
      socket.write(question);
      socket.on('data', (data) => {
        text = (text + data.toString('latin1')).slice(-1_000);
        const [, host, port] = /\*2\r\n\$\d+\r\n(\S+)\r\n\$\d+\r\n(\d+)\r\n/.exec(text) ?? [];
        if (host !== undefined) decide({ host, port: Number(port) });
      });
    }),
  );
  return firstOf(answers);
};

const commandOf = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** ioredis keeps to itself why no Sentinel served it: a certificate, as a rule. Undefined when all of them would. */
const findSentinelTrouble = async ({ tls, sentinels }: AskedPlace): Promise<Error | undefined> => {
  const errors = await Promise.all((sentinels ?? []).map((each) => errorOf(addressOf(each), tls)));
  const first = errors.find((error) => error !== undefined);
  return errors.find(isRejection) ?? (first && new Error(`no Sentinel answers: ${describeError(first)}`));
};

/** The other end of a connection that is open, or opens. */
export const addressAt = (stream: Socket | undefined): Address | undefined =>
  stream?.remoteAddress === undefined ? undefined : { host: stream.remoteAddress, port: stream.remotePort ?? 0 };

const addressOf = ({ host, port }: Pick<AskedPlace, 'host' | 'port'>): Address => ({
  host: host ?? 'localhost',
  port: port ?? 6_379,
});

/** Any reply counts: PONG, that a password is required, or that the host is not served. */
const speaksPlain = (address: Address): Promise<boolean> =>
  ask(connectPlain(address), false, (socket, decide) => {
    socket.write('PING\r\n');
    socket.on('data', (data) => decide(/^[+-]/.test(data.toString('latin1'))));
  });

const speaksTls = (address: Address): Promise<boolean> =>
  // The certificate is not checked, because nothing is sent.
  ask(connectTls({ ...address, rejectUnauthorized: false }), false, (socket, decide) => {
    socket.on('secureConnect', () => decide(true));
  });

/** A server that misses the client's certificate says so after the handshake, in place of an answer. */
const errorOf = (address: Address, tls: ConnectionOptions | undefined): Promise<Error | undefined> => {
  const socket = tls === undefined ? connectPlain(address) : connectTls({ ...tls, ...address });
  return ask<Error | undefined>(socket, undefined, (_, decide) => {
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => socket.write('PING\r\n'));
    socket.on('data', () => decide(undefined));
    socket.prependListener('error', decide);
  });
};

/** What `hear` decides; `otherwise` after an error, an end or a silence. */
const ask = <Answer>(
  socket: Socket,
  otherwise: Answer,
  hear: (socket: Socket, decide: (answer: Answer) => void) => void,
): Promise<Answer> =>
  new Promise((resolve) => {
    const decide = (answer: Answer): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => decide(otherwise), answerMs);
    socket.on('error', () => decide(otherwise));
    socket.on('close', () => decide(otherwise));
    hear(socket, decide);
  });
