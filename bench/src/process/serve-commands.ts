/** One call over the IPC channel. */
export interface CommandCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type CommandReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** What a process of ours can be asked to do, by name. */
export type Commands<T> = { readonly [K in keyof T]: (...args: never[]) => Promise<unknown> };

/** Answers calls of the parent process, and ends with it. */
export const serveCommands = <T extends Commands<T>>(commands: T): void => {
  const answer = async ({ id, name, args }: CommandCall): Promise<void> => {
    try {
      const command: unknown = commands[name as keyof T];
      if (typeof command !== 'function') throw new Error(`no command ${name}`);
      reply({ id, value: await command(...args) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on('message', (call) => void answer(call as CommandCall));
  process.on('disconnect', () => process.exit(0));
};

const reply = (message: CommandReply): void => {
  process.send?.(message);
};
