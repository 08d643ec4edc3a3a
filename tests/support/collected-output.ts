/** A terminal for a command in the process of a test. It keeps what is written to it. */
export interface CollectedOutput {
  readonly terminal: {
    readonly out: { write(text: string): void };
    readonly err: { write(text: string): void };
  };
  readonly out: string;
  readonly err: string;
}

export const collectOutput = (): CollectedOutput => {
  let out = '';
  let err = '';
  return {
    terminal: {
      out: {
        write: (text) => {
          out += text;
        },
      },
      err: {
        write: (text) => {
          err += text;
        },
      },
    },
    get out() {
      return out;
    },
    get err() {
      return err;
    },
  };
};
