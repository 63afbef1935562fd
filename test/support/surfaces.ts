/** The HTTP surfaces: how each asks a prompt, and where its answers have the model's text. */

/** Untyped JSON of an answer. */
type Json = ReturnType<typeof JSON.parse>;

export type Surface = {
  path: string;
  bodyOf(model: string, prompt: string, max_output_tokens: number): object;
  /** Returns the text of an answer in one piece, or of one event of a stream, which may have none. */
  wordsOf(said: Json): string;
};

export const surfaces: readonly Surface[] = [
  {
    path: '/api/ai/executions',
    bodyOf: (model, prompt, max_output_tokens) => ({ model, prompt, max_output_tokens }),
    wordsOf: (said) => (said.type === 'text' ? said.text : (said.output_text ?? '')),
  },
  {
    path: '/v1/chat/completions',
    bodyOf: (model, content, max_completion_tokens) => ({
      ...{ model, max_completion_tokens },
      messages: [{ role: 'user', content }],
    }),
    wordsOf: ({ choices: [choice] = [] }) => (choice?.delta ?? choice?.message)?.content ?? '',
  },
  {
    path: '/v1/messages',
    bodyOf: (model, content, max_tokens) => ({
      ...{ model, max_tokens },
      messages: [{ role: 'user', content }],
    }),
    wordsOf: (said) => said.delta?.text ?? said.content?.map(({ text = '' }) => text).join('') ?? '',
  },
  {
    path: '/v1/responses',
    bodyOf: (model, input, max_output_tokens) => ({ model, max_output_tokens, input }),
    wordsOf(said) {
      if (said.type === 'response.output_text.delta') return said.delta;
      const messages = said.object === 'response' ? said.output : [];
      return messages.flatMap(({ content = [] }) => content.map(({ text = '' }) => text)).join('');
    },
  },
];

/** Parses a body that may be incomplete: one JSON text, or the complete events of a stream. */
export function saidIn(body: string): Json[] {
  if (body.startsWith('{')) return [JSON.parse(body)];
  return body
    .split('\n\n')
    .slice(0, -1)
    .flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
    .map((line) => line.slice('data: '.length))
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data));
}
