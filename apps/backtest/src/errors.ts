/** Something the person at the keyboard can mend: an argument, a file. Its message is all they need. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
  readonly code: 'usage' | 'input';

  constructor(code: 'usage' | 'input', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
