import type { Logger } from '@tickwire/runtime';
import type { GatewayConfig } from './config.js';

export interface StartNotesOptions {
  readonly config: GatewayConfig;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Descriptors that this process may have. */
  readonly openFiles: number | undefined;
  /** Clients that all workers together can hold. */
  readonly maxConnections: number;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Logs what an operator may not have intended, or should know, once the gateway listens. */
export const noteStart = ({ config, logger, openFiles, maxConnections }: StartNotesOptions): void => {
  for (const hint of config.hints) logger.warn(hint);
  if (maxConnections < config.limits.maxConnections) {
    logger.info(
      { openFiles, maxConnections },
      `MAX_CONNECTIONS is ${config.limits.maxConnections}, but the system allows fewer open files (ulimit -n)`,
    );
  }
  if (config.apiKey === undefined && config.ownChannels.some(({ keys }) => keys.length === 0)) {
    logger.warn('CHANNELS is set, but API_KEY is not: nobody can publish there through this gateway');
  }
  if (config.access.tokens === undefined && !isLoopback(config.host)) {
    logger.info({ host: config.host }, 'AUTH is off: anyone who can reach this address can read every channel');
  }
};
