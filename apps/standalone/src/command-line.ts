import { parseArgs } from 'node:util';
import { ConfigError } from '@tickwire/runtime';

/** A parsed command line. */
export type Command =
  | { readonly name: 'start' | 'check' | 'help' | 'version' }
  | {
      readonly name: 'token';
      readonly user: string;
      readonly allow?: readonly string[];
      readonly minutes: number;
    };

export const help = `Usage: tickwire [command]

  start (or nothing)   producer and gateway in one process; over Redis where REDIS_URL is set
  check                reads the configuration, connects to what it names, says what a start would do, and ends
  token                prints a JSON Web Token for trying things out; needs AUTH=jwt and AUTH_JWT_SECRET
    --user NAME          whose it is (default: developer)
    --channels PATTERNS  what it may follow, separated by commas (default: AUTH_ALLOW)
    --minutes N          how long it is valid (default: 60)

  -h, --help           this text
  -v, --version        the version

Variables of the environment, or of a file .env, configure it: see .env.example.
Exit codes: 0 all is well, 1 it cannot run, 2 the command or a variable is wrong.
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  user: { type: 'string' },
  channels: { type: 'string' },
  minutes: { type: 'string' },
} as const;

const maxMinutes = 527_040;

/** @throws ConfigError with one line for an unknown argument */
export const readCommand = (args: readonly string[]): Command => {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name = 'start', more] = positionals;
  if (more !== undefined) throw wrong(`one command at a time, and not ${JSON.stringify(more)} too`);
  const { user = 'developer', channels, minutes = '60' } = values;
  if (name === 'token') {
    if (!/^\d+$/.test(minutes) || Number(minutes) < 1 || Number(minutes) > maxMinutes) {
      throw wrong(`--minutes is ${JSON.stringify(minutes)}, but must be a whole number from 1 to ${maxMinutes}`);
    }
    return { name, user, minutes: Number(minutes), ...(channels !== undefined && { allow: channels.split(',') }) };
  }
  const [stray] = Object.keys(values);
  if (stray !== undefined) throw wrong(`--${stray} is an option of token`);
  if (name === 'start' || name === 'check') return { name };
  throw wrong(`${JSON.stringify(name)} is not a command`);
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Only the first sentence; the others are about arguments that begin with a dash.
    throw wrong(String((error as Error).message.split('. ')[0]));
  }
};

const wrong = (what: string): ConfigError => new ConfigError(`${what}: see tickwire --help`);
