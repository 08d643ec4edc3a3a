import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { waitFor } from './wait-for.js';

type Fields = Readonly<Record<string, unknown>>;

export interface StreamedPush {
  readonly push: Fields;
  /** The last event id at that moment; '' before the first. */
  readonly id: string;
}

/** One HTTP response that streams pushes, as server-sent events or as lines, read as EventSource would. */
export interface HttpStream extends AsyncDisposable {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly pushes: readonly StreamedPush[];
  /** Everything received, as text. */
  readonly text: () => string;
  /** The id with which EventSource would reconnect now. */
  readonly lastEventId: () => string;
  readonly retryMs: () => number | undefined;
  readonly hasEnded: () => boolean;
  offsets(channel: string): readonly number[];
  pubs(channel: string): readonly Fields[];
  first(kind: string): Promise<Fields>;
  /** Stops reading, or continues. */
  pause(): void;
  resume(): void;
}

export interface HttpStreamOptions {
  readonly lastEventId?: string;
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly body?: string;
  /** Called for each push. */
  readonly onPush?: (push: Fields) => void;
}

/** Resolves once the head of the response has arrived. */
export const openHttpStream = async (url: string, options: HttpStreamOptions = {}): Promise<HttpStream> => {
  const { lastEventId = '', method = 'GET', body, onPush = () => {} } = options;
  const outgoing = request(url, { method, headers: lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId } });
  outgoing.on('error', () => {});
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const isSse = response.headers['content-type']?.startsWith('text/event-stream') === true;
  const pushes: StreamedPush[] = [];
  let all = '';
  let rest = '';
  let id = '';
  let retryMs: number | undefined;
  let hasEnded = false;

  const take = (json: string): void => {
    const push = JSON.parse(json) as Fields;
    pushes.push({ push, id });
    onPush(push);
  };

  const onBlock = (block: string): void => {
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
      if (field === 'id') id = value;
      else if (field === 'retry') retryMs = Number(value);
      else if (field === 'data') take(value);
      else throw new Error(`no event: ${line}`);
    }
    // Browsers ignore an event without data; many clients deliver an empty one.
    if (!block.includes('data: ')) throw new Error(`an event without data: ${block}`);
  };

  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    all += chunk;
    rest += chunk;
    const separator = isSse ? '\n\n' : '\n';
    for (let end = rest.indexOf(separator); end !== -1; end = rest.indexOf(separator)) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + separator.length);
      if (isSse) onBlock(block);
      else take(block);
    }
  });
  response.on('end', () => {
    hasEnded = true;
  });
  response.on('error', () => {
    hasEnded = true;
  });

  const pubs = (channel: string): Fields[] =>
    pushes.flatMap(({ push }) =>
      push['channel'] === channel && push['pub'] !== undefined ? [push['pub'] as Fields] : [],
    );
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    pushes,
    text: () => all,
    lastEventId: () => id,
    retryMs: () => retryMs,
    hasEnded: () => hasEnded,
    pubs,
    offsets: (channel) => pubs(channel).map(({ offset }) => Number(offset)),
    async first(kind) {
      const found = await waitFor(`a push of ${kind}`, () => pushes.find(({ push }) => push[kind] !== undefined));
      return found.push;
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    async [Symbol.asyncDispose]() {
      outgoing.destroy();
      response.destroy();
    },
  };
};
