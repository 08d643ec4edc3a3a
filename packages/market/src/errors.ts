/** What went wrong, for callers to branch on; the text is for people and may change. */
export type MarketErrorCode =
  | 'bad-option'
  | 'bad-symbol'
  | 'bad-decimal'
  | 'bad-frame'
  | 'bad-line'
  | 'already-started'
  | 'unreadable-file'
  | 'unknown-format'
  | 'unknown-venue'
  | 'unknown-symbol'
  | 'venue-unreachable'
  | 'rest-failed'
  | 'missing-package';

export class MarketError extends Error {
  override readonly name = 'MarketError';
  readonly code: MarketErrorCode;

  constructor(code: MarketErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
