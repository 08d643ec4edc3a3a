/** Something the person at the keyboard can mend: an argument, a file. Its message is all they need. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
  readonly code: 'usage' | 'input';

  constructor(code: 'usage' | 'input', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Errors of Node's own may come from another realm, where `instanceof` does not know them. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
