import { readFileSync } from 'node:fs';
import { ConfigError } from './environment.js';

/** Reads the file that a variable names. @throws ConfigError for a file that cannot be read or is not PEM. */
export const readPem = (variable: string, path: string): Buffer => {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(`${variable} is ${JSON.stringify(path)}, but that file cannot be read: ${reason}`);
  }
  if (pem.includes('-----BEGIN ')) return pem;
  throw new ConfigError(`${variable} is ${JSON.stringify(path)}, but that file is not PEM`);
};
