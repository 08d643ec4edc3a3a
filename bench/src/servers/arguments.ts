import { parseArgs } from 'node:util';

/** The arguments of every reference server. */
export interface ServerArguments {
  readonly redisUrl: string;
  readonly channels: readonly string[];
}

export const serverArguments = (): ServerArguments => {
  const { values } = parseArgs({ options: { redis: { type: 'string' }, channels: { type: 'string' } } });
  return { redisUrl: values.redis ?? 'redis://127.0.0.1:0', channels: (values.channels ?? '').split(',') };
};

/** The line that the starter waits for. */
export const printPort = (address: unknown): void => {
  console.log(`listening ${(address as { readonly port: number }).port}`);
};
