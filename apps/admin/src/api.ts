import type { AdminAct, OperatorView } from '@tickwire/protocol';

/** What went wrong with a question, in words for the page. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: 'refused' | 'failed';

  constructor(code: ApiError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The gateway this page came from, which speaks for all. The token goes in a header, never into an address. */
export interface AdminApi {
  /** @throws ApiError */
  view(): Promise<OperatorView>;
  /** Resolves when the order is on its way. @throws ApiError */
  order(gateway: string, act: AdminAct, session?: string): Promise<void>;
}

const deadlineMs = 10_000;

export const createAdminApi = (token: string): AdminApi => {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    // A header can hold no other characters, and neither can the token.
    if (!/^[ -~]+$/.test(token)) throw new ApiError('refused', 'This is not the token.');
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    let response: Response;
    try {
      response = await fetch(`/admin/api/${path}`, { ...init, headers, signal: AbortSignal.timeout(deadlineMs) });
    } catch (error) {
      throw new ApiError('failed', 'This gateway does not answer. Trying again.', { cause: error });
    }
    if (response.status === 401) throw new ApiError('refused', 'This is not the token.');
    if (!response.ok) throw new ApiError('failed', `The gateway answered ${response.status}.`);
    return response;
  };

  return {
    async view() {
      const response = await ask('status');
      try {
        return (await response.json()) as OperatorView;
      } catch (error) {
        throw new ApiError('failed', 'The answer of the gateway was cut off. Trying again.', { cause: error });
      }
    },
    async order(gateway, act, session = '') {
      await ask('command', { method: 'POST', body: JSON.stringify({ gateway, act, session }) });
    },
  };
};

const key = 'tickwire.admin.token';

/** For as long as the tab is open. A browser that forbids it asks for the token again. */
export const readToken = (): string | undefined => {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

/** Undefined forgets it. */
export const writeToken = (token: string | undefined): void => {
  try {
    if (token === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // Then it is in this page's memory alone.
  }
};
