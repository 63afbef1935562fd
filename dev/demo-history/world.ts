import type { HistoryName } from './people.ts';

/** Acme's own providers, models and users in a demo history. */

/** Providers on Acme's own keys, with models of the catalog. */
export const historyProviders = [
  {
    name: 'Acme OpenAI',
    kind: 'openai',
    models: [
      { provider_model: 'gpt-6-luna', public_name: 'assistant' },
      { provider_model: 'gpt-6.2-sol', public_name: 'gpt-6.2-sol' },
      { provider_model: 'text-embedding-3-large', public_name: 'search-vectors' },
    ],
  },
  {
    name: 'Acme Anthropic',
    kind: 'anthropic',
    models: [
      { provider_model: 'claude-haiku-5-5', public_name: 'assistant' },
      { provider_model: 'claude-sonnet-5-5', public_name: 'claude-sonnet-5-5' },
    ],
  },
  {
    name: 'Acme Google',
    kind: 'google',
    models: [{ provider_model: 'gemini-3.8-flash', public_name: 'gemini-3.8-flash' }],
  },
] as const;

/** Models and sizes of the requests of users. */
export const historyNames: (Omit<HistoryName, 'candidates'> & { public_name: string })[] = [
  { public_name: 'assistant', share: 46, input_tokens: [120, 6_000], output_tokens: [60, 900] },
  { public_name: 'gpt-6.2-sol', share: 14, input_tokens: [300, 12_000], output_tokens: [120, 1_800] },
  { public_name: 'claude-sonnet-5-5', share: 16, input_tokens: [400, 16_000], output_tokens: [150, 2_000] },
  { public_name: 'gemini-3.8-flash', share: 14, input_tokens: [200, 8_000], output_tokens: [80, 1_200] },
  {
    public_name: 'search-vectors',
    share: 10,
    input_tokens: [40, 3_000],
    output_tokens: [1, 1],
    task: 'embedding',
  },
];

/** Users that come in the course of the history. */
export const newcomers = [
  { email: 'ines@acme.test', name: 'Inês Duarte', share: 5, from_day: 0, has_key: true },
  { email: 'kofi@acme.test', name: 'Kofi Mensah', share: 4, from_day: 9, has_key: false },
  { email: 'yuki@acme.test', name: 'Yuki Tanaka', share: 3, from_day: 24, has_key: false },
  { email: 'lena@acme.test', name: 'Lena Fischer', share: 2, from_day: 41, has_key: true },
  { email: 'omar@acme.test', name: 'Omar Haddad', share: 2, from_day: 55, has_key: false },
  { email: 'ruth@acme.test', name: 'Ruth Adeyemi', share: 1, from_day: 73, has_key: false },
];
