/** As much of a browser's EventSource as an SDK uses, for Node, which has none. It does not reconnect. */
export class FetchEventSource {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: string }) => void) | null = null;
  onerror: ((error: unknown) => void) | null = null;
  readonly #abort = new AbortController();

  constructor(url: string) {
    this.#read(url).catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.onerror?.(error);
    });
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string): Promise<void> {
    const response = await fetch(url, { signal: this.#abort.signal });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    this.onopen?.();
    let rest = '';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.onmessage?.({ data: block.replace(/^data: /gm, '') });
    }
    throw new Error('the stream ended');
  }
}
