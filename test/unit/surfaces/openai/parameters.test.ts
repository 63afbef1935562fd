import { expect, it } from 'vitest';
import { chatCompletionRequest } from '../../../../contracts/v1/chat-completions-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
import { refusedParameter } from '../../../../worker/providers/chat/extra-parameters.ts';
import { chatCompletionParams } from '../../../../worker/providers/openai/request.ts';
import { translateRequest } from '../../../../worker/surfaces/openai/request.ts';

const user = { role: 'user', content: 'Hi' };
const tool = { type: 'function', function: { name: 'now', description: null, parameters: null } };

/** The outcome of a request: the body that OpenAI gets, or the name of the field that is refused. */
function outcomeOf(fields: object): Record<string, unknown> | string {
  const parsed = chatCompletionRequest.safeParse({ model: 'm', messages: [user], ...fields });
  if (!parsed.success) return issuesWithin(parsed.error.issues)[0]?.path.join('.') ?? '';
  const { chat } = translateRequest(parsed.data);
  const request = { ...chat, model: 'm', max_output_tokens: 9 };
  return refusedParameter(chat.extra) ?? { ...chatCompletionParams(request, 'https://api.openai.com/v1') };
}

it.each<[string, unknown]>([
  ['frequency_penalty', 0.5],
  ['presence_penalty', -2],
  ['logit_bias', { '50256': -100 }],
  ['seed', 7],
  ['user', 'ann'],
  ['safety_identifier', 'ann'],
  ['prompt_cache_key', 'k'],
  ['prompt_cache_retention', '24h'],
  ['verbosity', 'low'],
  ['reasoning_effort', 'minimal'],
  ['temperature', 0],
  ['top_p', 0.1],
  ['stop', ['END']],
  ['response_format', { type: 'json_object' }],
  ['tools', [{ type: 'function', function: { name: 'now', parameters: {} } }]],
])('%s reaches the provider', (name, value) => {
  expect(outcomeOf({ [name]: value })).toMatchObject({ [name]: value });
});

it.each<[string, object]>([
  ['one answer', { n: 1 }],
  ['no logprobs', { logprobs: false, top_logprobs: null }],
  ['text alone', { modalities: ['text'] }],
  ['the usual service', { service_tier: 'auto' }],
  ['nothing stored', { store: false }],
  ['everything null', { n: null, store: null, tools: null, stop: null, metadata: null, audio: null }],
  ['a tool whose fields are null', { tools: [tool] }],
  ['a choice of tools', { tools: [tool], tool_choice: 'required', parallel_tool_calls: false }],
  [
    'an image without a detail',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://a.test/a.png', detail: null } }],
        },
      ],
    },
  ],
  [
    'a message as the SDK returns it',
    {
      messages: [
        user,
        {
          role: 'assistant',
          content: 'Hm',
          refusal: null,
          annotations: [],
          audio: null,
          function_call: null,
        },
        user,
      ],
    },
  ],
])('%s is taken', (_, fields) => {
  expect(outcomeOf(fields)).toBeTypeOf('object');
});

it.each<[string, object]>([
  ['n', { n: 2 }],
  ['logprobs', { logprobs: true }],
  ['service_tier', { service_tier: 'priority' }],
  ['store', { store: true }],
  ['modalities', { modalities: ['text', 'audio'] }],
  ['api_key', { api_key: 'sk-mine' }],
  ['base_url', { base_url: 'https://elsewhere.example' }],
  ['mock_response', { mock_response: 'Hi' }],
  ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
  ['web_search_options', { web_search_options: {} }],
  ['prediction', { prediction: { type: 'content', content: 'x' } }],
  ['functions', { functions: [{ name: 'now' }] }],
  ['function_call', { function_call: 'auto' }],
  ['tools.0.type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
  ['messages.0.role', { messages: [{ role: 'function', name: 'now', content: '9' }] }],
  [
    'messages.0.function_call',
    { messages: [{ role: 'assistant', function_call: { name: 'now', arguments: '' } }] },
  ],
  ['messages.0.audio', { messages: [{ role: 'assistant', audio: { id: 'a' } }] }],
  ['messages.0.prefix', { messages: [{ role: 'assistant', content: 'Once', prefix: true }] }],
  ['messages.0.content.0.type', { messages: [{ role: 'user', content: [{ type: 'video_url' }] }] }],
])('%s is refused by its name', (name, fields) => {
  expect(outcomeOf(fields)).toBe(name);
});
