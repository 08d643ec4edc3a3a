import { get } from 'node:http';

const answerMs = 500;

/** What a process says at `/readyz`, ready or not; undefined when it does not answer: it may be stopped or gone. */
export const askReadiness = (port: number): Promise<Readonly<Record<string, unknown>> | undefined> =>
  new Promise((resolve) => {
    // No connection is kept: the process at its other end may be dead the next time.
    const request = get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: answerMs }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(parse(text)));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
};
