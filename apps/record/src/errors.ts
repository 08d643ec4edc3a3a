/** Something the person at the keyboard can mend. Its message is all they need. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: 'usage' | 'input';

  constructor(code: 'usage' | 'input', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
