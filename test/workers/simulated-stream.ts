/** The base URL under which tests in workerd answer for a provider of kind openai. */
export const PROVIDER_URL = 'https://provider.example/v1';

/** One event of a streamed chat completion. */
export const chunk = (fields: object) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...fields })}\n\n`;

/** A whole streamed answer, simulated at the wire: it says "Said." for 7 tokens in and 3 out. */
export const said = (): Response =>
  new Response(
    chunk({
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Said.' }, finish_reason: 'stop' }],
    }) +
      chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }) +
      'data: [DONE]\n\n',
    { headers: { 'content-type': 'text/event-stream' } },
  );

const fetchAsEver = globalThis.fetch;

/** Stands in for `fetch`: `answer` is asked for what goes to the provider, and the network for all else. */
export const fetchOf =
  (answer: () => Promise<Response>): typeof fetch =>
  async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return url.startsWith(`${PROVIDER_URL}/`) ? answer() : fetchAsEver(input, init);
  };
