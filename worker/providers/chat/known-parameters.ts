/**
 * The parameters of chat completions that are passed on without a field of their own in the neutral request. None of them changes what a
 * reservation rests on, where a request goes, or with which credential. A provider's settings can name more (`allow_parameters`).
 */

/** OpenAI's own (https://platform.openai.com/docs/api-reference/chat/create). */
const openAi = [
  ...['frequency_penalty', 'presence_penalty', 'logit_bias', 'seed', 'user', 'safety_identifier'],
  ...['prompt_cache_key', 'prompt_cache_retention', 'verbosity', 'reasoning_effort'],
];

/** Sampling, as vLLM, SGLang, llama.cpp, OpenRouter, Together, Fireworks and others name it. */
const sampling = [
  ...['top_k', 'min_p', 'top_a', 'typical_p', 'typ_p', 'tfs_z', 'top_n_sigma', 'random_seed', 'do_sample'],
  ...['repetition_penalty', 'repeat_penalty', 'repeat_last_n', 'length_penalty', 'penalize_nl'],
  ...['min_tokens', 'ignore_eos', 'stop_token_ids', 'bad_words', 'allowed_token_ids', 'min_keep', 'samplers'],
  ...['mirostat', 'mirostat_tau', 'mirostat_eta', 'mirostat_target', 'mirostat_lr'],
  ...['dynatemp_range', 'dynatemp_exponent', 'xtc_probability', 'xtc_threshold'],
  ...['dry_multiplier', 'dry_base', 'dry_allowed_length', 'dry_penalty_last_n', 'dry_sequence_breakers'],
  ...['skip_special_tokens', 'spaces_between_special_tokens', 'include_stop_str_in_output'],
];

/** The form of the answer: vLLM, SGLang and llama.cpp. */
const forms = [
  ...['guided_json', 'guided_regex', 'guided_choice', 'guided_grammar', 'guided_whitespace_pattern'],
  ...['guided_decoding_backend', 'structured_outputs', 'structural_tag', 'regex', 'ebnf', 'grammar'],
  'json_schema',
];

/** Thinking: OpenRouter, Groq, DeepSeek, Kimi, GLM, Qwen, Mistral, Cerebras, SGLang, vLLM. */
const thinking = [
  ...['reasoning', 'include_reasoning', 'reasoning_format', 'thinking', 'thinking_budget', 'enable_thinking'],
  ...['prompt_mode', 'disable_reasoning', 'clear_thinking', 'separate_reasoning', 'stream_reasoning'],
  ...['thinking_token_budget', 'preserve_thinking', 'tool_stream'],
];

/** Parameters that shape and cut the prompt: vLLM, OpenRouter, Fireworks, Together, Mistral, llama.cpp. Their JSON counts towards its bound. */
const prompts = [
  ...['chat_template_kwargs', 'mm_processor_kwargs', 'documents', 'add_generation_prompt'],
  ...['continue_final_message', 'add_special_tokens', 'truncate_prompt_tokens', 'prompt_truncate_len'],
  ...['context_length_exceeded_behavior', 'transforms', 'safe_prompt', 'cache_prompt', 'usage'],
];

const known: ReadonlySet<string> = new Set([...openAi, ...sampling, ...forms, ...thinking, ...prompts]);

/** True for a parameter that every provider of chat completions may get. Names are exact. */
export const isKnownParameter = (name: string): boolean => known.has(name);
