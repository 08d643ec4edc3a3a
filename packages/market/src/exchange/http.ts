export interface HttpResponse {
  readonly status: number;
  /** From a `Retry-After` header. */
  readonly retryAfterMs?: number;
  readonly text: string;
}

/** Rejects if no complete answer arrives; never because of the status. */
export type HttpGet = (url: string, signal: AbortSignal) => Promise<HttpResponse>;

/**
 * Waits after a ban or a rate limit, if the venue does not say how long. 418 is Binance's ban of a client that
 * continued after 429.
 */
const waits: Readonly<Record<number, number>> = { 403: 60_000, 418: 300_000, 429: 60_000, 451: 300_000 };
/** The longest ban of a venue. A header that says more is believed no further: it would silence a feed for years. */
const longestWaitMs = 3 * 86_400_000;

/** How long to wait before the next request; 0 if the answer is not a ban. */
export const blockedMs = ({
  status,
  retryAfterMs,
}: {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}): number => Math.min(longestWaitMs, retryAfterMs ?? (status === undefined ? 0 : (waits[status] ?? 0)));

/** A venue's list has a few megabytes. */
const maxBodyBytes = 64_000_000;

/** Over the global `fetch`. */
export const fetchHttp: HttpGet = async (url, signal) => {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } }).catch(explain);
  const { status, headers } = response;
  const text = await bodyOf(response).catch(explain);
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), headers.get('date'));
  return { status, text, ...(retryAfterMs !== undefined && { retryAfterMs }) };
};

/** `fetch failed` and `terminated` do not say what did: a name, a connection, a certificate, a damaged answer. */
const explain = (error: unknown): never => {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  // For a host with several addresses the cause has a code and no message.
  const reason = cause?.message || cause?.code;
  throw reason ? new Error(reason, { cause: error }) : error;
};

/**
 * Parses seconds or a date (RFC 9110, 10.2.3). A date is compared with the server's own `Date`, because our clock may
 * be hours off. Undefined for anything else.
 */
export const parseRetryAfter = (
  header: string | null | undefined,
  dateHeader: string | null | undefined,
): number | undefined => {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const waitMs = parseDate(header) - parseDate(dateHeader ?? '');
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
};

/** Requires the day of the week, because `Date.parse` accepts nearly anything. */
const parseDate = (header: string): number => (/^[A-Z][a-z]{2,8}[, ]/.test(header) ? Date.parse(header) : Number.NaN);

const bodyOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new Error(`answer longer than ${maxBodyBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};
