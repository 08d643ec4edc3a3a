/** Why a token was rejected: `unavailable` is temporary and says nothing about the token. */
export type TokenProblem = 'missing' | 'invalid' | 'expired' | 'unavailable';

/** The message never holds any part of the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: TokenProblem;

  constructor(code: TokenProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
