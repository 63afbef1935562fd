import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../../contracts/catalog/provider-settings.ts';
import { chatTask } from '../../../../worker/executions/chat-task.ts';
import { planOf } from '../../../../worker/executions/plan.ts';
import { deepSeekDialect } from '../../../../worker/providers/deepseek/dialect.ts';
import { openAiDialect } from '../../../../worker/providers/openai/dialect.ts';
import { candidate } from '../../executions/candidate.ts';

type Kind = 'openai' | 'anthropic' | 'google' | 'deepseek';

const user = { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] };
const settingsWith = (allow_parameters: string[]) => ({ ...defaultSettings, allow_parameters });

const ready = (kind: Kind, allowed: string[] = []) => {
  const one = candidate({}, { kind, settings: settingsWith(allowed) });
  return { ...one, price: one.price as never, credential: { kind, base_url: null, secret: 'k' } };
};

/** Returns the name of the parameter that a request to the candidates is refused for, or null. */
function refusedAt(extra: Record<string, unknown>, ...candidates: ReturnType<typeof ready>[]) {
  const task = chatTask({ model: 'm', chat: { messages: [user], extra } });
  const planned = planOf(task, candidates as [ReturnType<typeof ready>]);
  if (planned.ok) return null;
  const [issue] = planned.failure.details.issues as { field: string; rule: string }[];
  expect(issue?.rule).toBe('unsupported');
  return issue?.field;
}

/** Returns the parameters beside the request's own that a server gets. */
function sentBy(dialect: typeof openAiDialect, extra: Record<string, unknown>, allowed: string[] = []) {
  const request = { messages: [user], model: 'm', max_output_tokens: 9 };
  const settings = settingsWith(allowed);
  const plain = dialect.params(request, 'https://server.example/v1', settings);
  const sent = Object.entries(dialect.params({ ...request, extra }, 'https://server.example/v1', settings));
  return Object.fromEntries(sent.filter(([name]) => !(name in plain)));
}

describe('a parameter without a field of its own', () => {
  it.each([
    ['seed', 7],
    ['user', 'ann'],
    ['logit_bias', { 50: 1 }],
    // vLLM and servers like it.
    ['top_k', 20],
    ['min_p', 0.1],
    ['repetition_penalty', 1.1],
    ['stop_token_ids', [1]],
    ['chat_template_kwargs', { enable_thinking: false }],
    ['guided_json', { type: 'object' }],
    ['guided_regex', 'a+'],
    ['guided_choice', ['a']],
    ['structured_outputs', { choice: ['a'] }],
    // llama.cpp.
    ['grammar', 'root ::= "a"'],
    ['repeat_penalty', 1.1],
    // OpenRouter.
    ['transforms', ['middle-out']],
    ['reasoning', { effort: 'high' }],
    ['include_reasoning', true],
    ['top_a', 0.5],
    // Groq, DeepSeek, Kimi, Qwen, Mistral.
    ['reasoning_format', 'parsed'],
    ['thinking', { type: 'enabled' }],
    ['enable_thinking', false],
    ['safe_prompt', true],
    ['prompt_mode', 'reasoning'],
  ])('that servers know (%s) reaches them, and refuses no request at other kinds', (name, value) => {
    for (const dialect of [openAiDialect, deepSeekDialect])
      expect(sentBy(dialect, { [name]: value })).toEqual({ [name]: value });
    for (const kind of ['openai', 'anthropic', 'google', 'deepseek'] as const)
      expect(refusedAt({ [name]: value }, ready(kind))).toBeNull();
  });

  it.each([
    'api_key',
    'base_url',
    'api_base',
    'api_version',
    'custom_llm_provider',
    'mock_response',
    'mock_tool_calls',
    'model_list',
    'fallbacks',
    'num_retries',
    'timeout',
    'guardrails',
    'tags',
    'extra_headers',
    'extra_query',
    'organization',
    'lora_path',
    'id_slot',
    'priority',
    'logits_processors',
    'custom_logit_processor',
    'kv_transfer_params',
    'vllm_xargs',
    'cache_salt',
    'session_params',
    'safety_model',
    'deferred',
    'echo',
    'keep_alive',
    'user_security_context',
    'anything_new',
    'API_KEY',
    'TOP_K',
    'constructor',
    '__proto__x',
  ])('that nobody knows (%s) is refused by name at every kind, and is not sent', (name) => {
    for (const kind of ['openai', 'anthropic', 'google', 'deepseek'] as const)
      expect(refusedAt({ seed: 1, [name]: 'x' }, ready(kind))).toBe(name);
    for (const dialect of [openAiDialect, deepSeekDialect])
      expect(sentBy(dialect, { seed: 1, [name]: 'x' })).toEqual({ seed: 1 });
  });

  it('that a provider’s settings allow reaches that provider alone', () => {
    const extra = { my_extension: { depth: 2 } };
    expect(refusedAt(extra, ready('openai', ['my_extension']))).toBeNull();
    expect(refusedAt(extra, ready('openai'), ready('openai', ['my_extension']))).toBeNull();
    expect(refusedAt({ other: 1 }, ready('openai', ['my_extension']))).toBe('other');
    expect(sentBy(openAiDialect, extra, ['my_extension'])).toEqual(extra);
    expect(sentBy(deepSeekDialect, extra, ['my_extension'])).toEqual(extra);
    expect(sentBy(openAiDialect, extra)).toEqual({});
  });

  it('that changes the cost is refused although a provider’s settings allow it', () => {
    const allowed = ['models', 'prediction', 'web_search_options'];
    for (const name of allowed) {
      expect(refusedAt({ [name]: ['x'] }, ready('openai', allowed))).toBe(name);
      expect(sentBy(openAiDialect, { [name]: ['x'] }, allowed)).toEqual({});
    }
  });

  it('that is null is none', () => {
    expect(refusedAt({ anything_new: null }, ready('openai'))).toBeNull();
  });
});
