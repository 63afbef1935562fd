import type { ApiKeyScope } from '../../../../contracts/api/account/api-keys.ts';

/** Example programs that use a key. Pure. */

export type Snippet = { name: string; code: string };

type SnippetOptions = {
  /** Origin of the tenant, without a trailing slash. */
  origin: string;
  secret: string;
  scopes: ApiKeyScope[];
  /** Public name of a model that the key can use. */
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

/** Paths to try a key that cannot run prompts, by scope. The first allowed one is used. */
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

/** Example programs for a key, in common clients. */
export const snippetsOf = (options: SnippetOptions): Snippet[] =>
  options.scopes.includes('executions:write')
    ? [
        { name: 'OpenAI', code: openAi(options) },
        { name: 'curl', code: chat(options) },
        { name: 'Anthropic', code: anthropic(options) },
        { name: '.env', code: environment(options) },
      ]
    : [{ name: 'curl', code: reading(options) }];
