import { type AdminAct, type OperatorView, operatorViewSchema } from '@tickwire/protocol';
import type { z } from 'zod';

/** A request that failed. The message is shown on the page. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: 'refused' | 'failed';

  constructor(code: ApiError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The gateway that serves this page; it reports on all gateways. The token is sent in a header, never in an address. */
export interface AdminApi {
  /** @throws ApiError */
  view(): Promise<OperatorView>;
  /** Resolves when the gateway has sent the order. @throws ApiError */
  order(gateway: string, act: AdminAct, session?: string): Promise<void>;
}

const deadlineMs = 10_000;

export const createAdminApi = (token: string): AdminApi => {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    // A token has no other characters, and a header allows no others.
    if (!/^[ -~]+$/.test(token)) throw new ApiError('refused', 'Wrong token.');
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    let response: Response;
    try {
      response = await fetch(`/admin/api/${path}`, { ...init, headers, signal: AbortSignal.timeout(deadlineMs) });
    } catch (error) {
      throw new ApiError('failed', 'The gateway does not answer. Retrying.', { cause: error });
    }
    if (response.status === 401) throw new ApiError('refused', 'Wrong token.');
    if (!response.ok) throw new ApiError('failed', `The gateway answered ${response.status}.`);
    return response;
  };

  return {
    async view() {
      const response = await ask('status');
      let answer: unknown;
      try {
        answer = await response.json();
      } catch (error) {
        throw new ApiError('failed', 'The answer of the gateway was cut off. Retrying.', { cause: error });
      }
      return readView(answer);
    },
    async order(gateway, act, session = '') {
      await ask('command', { method: 'POST', body: JSON.stringify({ gateway, act, session }) });
    },
  };
};

/** @throws ApiError naming the first field that does not fit. Other fields than the known ones are left out. */
const readView = (answer: unknown): OperatorView => {
  const { data, error } = operatorViewSchema.safeParse(answer);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const words = `This page cannot read the answer of the gateway${issue === undefined ? '' : ` (${describe(issue)})`}.`;
  throw new ApiError('failed', `${words} Reload it: the gateway may be of another version.`, { cause: error });
};

const describe = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.join('.')}: ${message}`;

const key = 'tickwire.admin.token';

/** The token is kept until the tab is closed. A browser that forbids storage makes the page ask again. */
export const readToken = (): string | undefined => {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

/** Undefined removes it. */
export const writeToken = (token: string | undefined): void => {
  try {
    if (token === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // The token is then only in the memory of this page.
  }
};
