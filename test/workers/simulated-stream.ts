/** The base URL of the simulated provider of kind openai in workerd. */
export const PROVIDER_URL = 'https://provider.example/v1';

/** Returns one event of a streamed chat completion. */
export const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...fields })}\n\n`;

/** Returns a whole streamed answer: the text "Said.", 7 input tokens and 3 output tokens. */
export const said = (): Response =>
  new Response(
    chunk({
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Said.' }, finish_reason: 'stop' }],
    }) +
      chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }) +
      'data: [DONE]\n\n',
    { headers: { 'content-type': 'text/event-stream' } },
  );

/** Returns a streamed answer of so many words of one token, and 7 input tokens. `breaksOff`: its end is missing. */
export const saidWords = (count: number, { breaksOff = false } = {}): Response =>
  new Response(
    chunk({ choices: [{ index: 0, delta: { content: ' word' } }] }).repeat(count) +
      (breaksOff
        ? ''
        : chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
          chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: count } }) +
          'data: [DONE]\n\n'),
    { headers: { 'content-type': 'text/event-stream' } },
  );

/** Returns a streamed answer that says a word every 50 ms until it is left, how many it has said, and whether it was left. */
export function endless({ silent = false } = {}): {
  response: Response;
  said: () => number;
  wasLeft: () => boolean;
} {
  let said = 0;
  let wasLeft = false;
  const word = new TextEncoder().encode(chunk({ choices: [{ index: 0, delta: { content: ' word' } }] }));
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (wasLeft) return;
      // A comment is a sign of life that says nothing.
      controller.enqueue(silent ? new TextEncoder().encode(': thinking\n\n') : word);
      said += 1;
    },
    cancel() {
      wasLeft = true;
    },
  });
  const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  return { response, said: () => said, wasLeft: () => wasLeft };
}

const fetchAsEver = globalThis.fetch;

/** Returns a `fetch` in which `answer` answers requests to the provider. All others go to the network. */
export const fetchOf =
  (answer: () => Promise<Response>): typeof fetch =>
  async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return url.startsWith(`${PROVIDER_URL}/`) ? answer() : fetchAsEver(input, init);
  };
