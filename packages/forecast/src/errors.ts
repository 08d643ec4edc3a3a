/** An option that cannot work, named with its value and what was expected. */
export class InvalidOption extends Error {
  override readonly name = 'InvalidOption';
  readonly code = 'invalid-option';
}

export type SnapshotRefusal = 'snapshot-version' | 'snapshot-options' | 'snapshot-malformed';

/** A snapshot that was not taken in. What was to be restored is as it was before. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused';
  readonly code: SnapshotRefusal;

  constructor(code: SnapshotRefusal, message: string) {
    super(message);
    this.code = code;
  }
}
