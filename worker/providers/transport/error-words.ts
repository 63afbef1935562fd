import { fieldsOf } from '../metering/reported-usage.ts';
import type { ProviderFailure } from '../provider.ts';
import { configurationFault, credentialFault, filtered, type HttpFailure, tooLong } from './failure.ts';
import { jsonOf } from './stream-reader.ts';

/** The words of errors, and the failures that only they tell, since compatible servers lack codes. Pure. */

/** Faults of fields that are told, and levels of an error that are looked through. */
const FAULTS_MAX = 5;
const DEPTH_MAX = 5;

/** The words in an error: a text, the faults of fields as FastAPI lists them, or either inside of another object. Null without any. */
function wordsOf(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (depth === DEPTH_MAX) return null;
  const inner = (part: unknown) => wordsOf(part, depth + 1);
  if (Array.isArray(value)) {
    const all = value.slice(0, FAULTS_MAX).flatMap((part) => inner(part) ?? []);
    return all.length === 0 ? null : all.join('; ');
  }
  const { message, msg, status_msg, error_msg, detail, error, errors, loc } = fieldsOf(value) ?? {};
  const words = [message, msg, status_msg, error_msg, detail, error, errors].reduce<string | null>(
    (found, part) => found ?? inner(part),
    null,
  );
  return words !== null && Array.isArray(loc) ? `${loc.join('.')}: ${words}` : words;
}

/** The words of an error, with the parameter that it is about, and of the one that it wraps: OpenRouter puts that of the server behind it into `metadata.raw`. */
export function allWordsOf(error: unknown): string | null {
  const { param } = fieldsOf(error) ?? {};
  const said = wordsOf(error);
  const isNamed = said === null || typeof param !== 'string' || said.includes(param);
  const words = isNamed ? said : `${said} (${param})`;
  const raw = fieldsOf(fieldsOf(error)?.metadata)?.raw;
  const wrapped = (typeof raw === 'string' ? wordsOf(jsonOf(raw)) : null) ?? wordsOf(raw);
  if (words === null || wrapped === null || words.includes(wrapped)) return words ?? wrapped;
  return `${words}: ${wrapped}`;
}

/** The error in a body: `{ error }`, the same in a list (Google), or the error itself (vLLM, FastAPI, Mistral). */
export function errorIn(body: unknown): unknown {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  return fieldsOf(first)?.error ?? first;
}

/**
 * Words for a prompt that exceeds the context window: those of vLLM, SGLang, llama.cpp, LM Studio, Mistral, Kimi, xAI, Together, Zhipu,
 * DashScope, Bedrock, Cohere, TensorRT-LLM, Poolside and ExLlama, and Anthropic's and Google's.
 */
const windowExceeded = new RegExp(
  [
    'maximum (allowed )?(context|prompt|model|input|sequence) length',
    "(model's|available|maximum) context (length|window|size)",
    'context (length|window|size) (is |was |has been )?(exceeded|only|overflow)',
    "exceed\\w*( the| its)? ([\\w\\s']{0,30})?(context (length|window|size)|token limit|max(imum)? length)",
    'greater than the context length',
    '(prompt|input) is too long|prompt too long|exceed context limit',
    '`?inputs`? tokens \\+ `?max_new_tokens`? must be',
    'range of input length should be',
    'input token count.{0,40}exceeds the maximum',
    'job requires \\d+ pages',
    'total number of tokens in the prompt cannot exceed',
    'should not exceed `?max_(num_tokens|seq_len|input_len)',
    'reached context length of',
  ].join('|'),
  'i',
);
/** A request that exceeds its account's limit per minute is refused as a rate limit. Waiting does not help. */
const aboveRateLimit = /request too large/i;

/** OpenAI serves some models to verified organizations only. */
const notVerified = /organization must be verified/i;

/** xAI and Google answer 400 to a key that they do not know, and Google to a country that it does not serve. */
const keyUnknown =
  /(incorrect|invalid) api key|api key (is )?(invalid|not valid|not found|expired)|user location is not supported/i;

/**
 * Words for an account that cannot pay, or is suspended, with 400, 412 or 429: those of OpenAI, Anthropic, Google, xAI, Fireworks, LiteLLM,
 * DashScope and Zhipu. Google's for a limit per minute are not among them.
 */
const unpaid = new RegExp(
  [
    'billing (account )?(is )?(disabled|not (enabled|active))|please enable billing',
    'reached your specified api usage limits|budget has been exceeded|monthly spending limit',
    'insufficient (account )?(balance|funds|credits?)|credit balance is too low|credits are depleted|all available credits',
    'account is (not )?in good standing|overdue[- ]payment|arrear|余额不足|欠费',
    '(account|organi[sz]ation)\\b.{0,60}\\b(suspended|deactivated|has been disabled)',
  ].join('|'),
  'i',
);

/** Words for a model that a server does not have, with 400. */
const modelUnknown =
  /\bmodel\b(?:[^.]|\.(?! )){0,100}\b(not found|does ?n[o']t exist|not exist|not available|(been )?(deprecated|decommissioned|retired|shut down))|\b(invalid|unknown) model\b|no such model|not a valid model|unable to access model|\bmodels?\/\S+ is not (found|supported)/i;

/** Words for a server that is not set up for the request: vLLM and llama.cpp started without an option, Cloudflare's gateway. */
const notSetUp = /requires --[a-z]|configure ai gateway/i;

/** Words for a filter that refused the request, or its answer: Azure's with 400, and those of Cloudflare's gateway with 424. */
const filteredWords = /content (filtering|management) policy|blocked due to security configurations/i;

/** A page of HTML that a proxy answers to a body that it does not let through. */
const page = /<html|<!doctype html/i;

/** Statuses of a request that was refused for what it asks. */
const isRefusal = (status: number): boolean => status === 400 || status === 413 || status === 422;

/** Quotations in an error, such as a value of the request that it refuses. */
const quoted = /"[^"]*"|`[^`]*`|(?<![a-z])'[^']*'/gi;

/** A failure that words tell with some statuses. `unquoted`: a user can have put them there by a value, so quotes do not count. */
type Rule = {
  on: (status: number) => boolean;
  words: RegExp;
  unquoted?: true;
  failure: (http: HttpFailure) => ProviderFailure;
};

const oneOf =
  (...statuses: number[]) =>
  (status: number) =>
    statuses.includes(status);
const isAny = () => true;

/** The rules in the order in which they apply. LiteLLM and older versions of llama.cpp answer 500 or 503 to a prompt that is too long. */
const rules: readonly Rule[] = [
  { on: (status) => isRefusal(status) || status >= 500, words: windowExceeded, failure: tooLong },
  { on: oneOf(400), words: keyUnknown, unquoted: true, failure: credentialFault },
  { on: oneOf(400, 412, 429), words: unpaid, unquoted: true, failure: credentialFault },
  { on: oneOf(400, 424), words: filteredWords, failure: filtered },
  { on: oneOf(429, 413), words: aboveRateLimit, failure: configurationFault },
  { on: oneOf(413), words: page, failure: configurationFault },
  { on: isAny, words: notVerified, failure: configurationFault },
  { on: oneOf(400), words: modelUnknown, failure: configurationFault },
  { on: oneOf(400, 422, 500), words: notSetUp, unquoted: true, failure: configurationFault },
];

/** The failure that the words tell; null if they tell none. */
export function wordedFailure(http: HttpFailure): ProviderFailure | null {
  const { status, message } = http;
  const own = message.replace(quoted, '');
  const rule = rules.find(({ on, words, unquoted }) => on(status) && words.test(unquoted ? own : message));
  return rule?.failure(http) ?? null;
}
