/** An option that cannot work. The message names it with its value and what was expected. */
export class InvalidOption extends Error {
  override readonly name = 'InvalidOption';
  readonly code = 'invalid-option';
}

export type SnapshotRefusal = 'snapshot-version' | 'snapshot-options' | 'snapshot-malformed';

/** A rejected snapshot. The forecaster to be restored is unchanged. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused';
  readonly code: SnapshotRefusal;

  constructor(code: SnapshotRefusal, message: string) {
    super(message);
    this.code = code;
  }
}
