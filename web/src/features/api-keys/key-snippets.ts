import type { ApiKeyScope } from '../../../../contracts/api/api-keys.ts';

/** Programs that use a key, ready to be copied. Pure. */

export type Snippet = { name: string; code: string };

type SnippetOptions = {
  /** Where the tenant is, without a slash at its end. */
  origin: string;
  secret: string;
  scopes: ApiKeyScope[];
  /** A public model name that the key may call. */
  model: string;
};

const openAi = ({ origin, secret, model }: SnippetOptions) => `import OpenAI from 'openai';

const openai = new OpenAI({
  baseURL: '${origin}/v1',
  apiKey: '${secret}',
});
const completion = await openai.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(completion.choices[0].message.content);`;

const anthropic = ({ origin, secret, model }: SnippetOptions) => `import Anthropic from '@anthropic-ai/sdk';

const anthropic = new Anthropic({
  baseURL: '${origin}',
  apiKey: '${secret}',
});
const message = await anthropic.messages.create({
  model: '${model}',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(message.content);`;

const chat = ({ origin, secret, model }: SnippetOptions) => `curl ${origin}/v1/chat/completions \\
  -H 'Authorization: Bearer ${secret}' \\
  -H 'Content-Type: application/json' \\
  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`;

const environment = ({ origin, secret }: SnippetOptions) => `OPENAI_BASE_URL=${origin}/v1
OPENAI_API_KEY=${secret}`;

/** What a key that runs nothing can be tried with: the first thing it may read. */
const readings: [ApiKeyScope, string][] = [
  ['models:read', '/v1/models'],
  ['wallet:read', '/api/wallet'],
  ['executions:read', '/api/ai/executions'],
];

function reading({ origin, secret, scopes }: SnippetOptions): string {
  const path = readings.find(([scope]) => scopes.includes(scope))?.[1] ?? '/v1/models';
  return `curl ${origin}${path} \\
  -H 'Authorization: Bearer ${secret}'`;
}

/** How to use a key, in the clients that most people have. */
export const snippetsOf = (options: SnippetOptions): Snippet[] =>
  options.scopes.includes('executions:write')
    ? [
        { name: 'OpenAI', code: openAi(options) },
        { name: 'curl', code: chat(options) },
        { name: 'Anthropic', code: anthropic(options) },
        { name: '.env', code: environment(options) },
      ]
    : [{ name: 'curl', code: reading(options) }];
