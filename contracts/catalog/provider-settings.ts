import { z } from 'zod';

/** The way in which one provider is called: what is sent to it beside the request, and how long it may be silent. */

/** Names that no header of a provider can have: credentials, those of the connection, and those that the platform writes itself. */
const reservedHeader =
  /^(authorization|proxy-.*|x-api-key|x-goog-api-key|cookie2?|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-.*|accept-encoding|expect|forwarded|x-forwarded-.*|x-real-ip|via|sec-.*|cf-(?!aig-).*)$/i;

/** Shown in place of a saved value. In a change it keeps that value. */
export const HIDDEN_VALUE = '[hidden]';

const headerName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must be the name of a header')
  .refine((name) => !reservedHeader.test(name), 'is a header that the platform writes itself');
const headerValue = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'must be visible ASCII characters');

/**
 * Parameters that can be neither left out nor renamed, nor be the new name of another: the request rests on them, and a reservation on
 * the limits and the number of answers.
 */
const fixedParameters = [
  ...['model', 'messages', 'stream', 'max_tokens', 'max_completion_tokens', 'max_output_tokens'],
  ...['n', 'best_of', 'service_tier', 'contents', 'generationConfig', 'maxOutputTokens', 'candidateCount'],
  ...['input', 'requests', 'prompt'],
];
const parameterName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/, 'must be the name of a parameter')
  .refine((name) => !fixedParameters.includes(name), 'is a parameter that cannot be changed');

const atMost = (max: number) =>
  [(map: object) => Object.keys(map).length <= max, `takes at most ${max}`] as const;

const wait = (max_ms: number) => z.int().min(1_000).max(max_ms);

/** The longest wait that can be set, in milliseconds: ten minutes. */
const WAIT_MS_MAX = 600_000;

const fields = {
  extra_headers: z
    .record(headerName, headerValue)
    .refine(...atMost(20))
    .describe(
      `Headers that are sent with every request, by name. Credentials and headers of the connection are refused. Values are never shown again: \`${HIDDEN_VALUE}\` stands for them, and keeps them in a change.`,
    ),
  output_limit_parameter: z
    .enum(['max_completion_tokens', 'max_tokens'])
    .nullable()
    .describe(
      'The parameter that limits the output, for the kind `openai`. Null lets the host decide: `max_completion_tokens` for OpenAI and Azure, `max_tokens` for others.',
    ),
  stream_usage: z
    .boolean()
    .describe(
      'True to ask for the usage of a stream by `stream_options`, for the kinds `openai` and `deepseek`.',
    ),
  drop_parameters: z
    .array(parameterName)
    .max(50)
    .describe('Parameters that are left out of every request, such as `parallel_tool_calls`.'),
  rename_parameters: z
    .record(parameterName, parameterName)
    .refine(...atMost(50))
    .describe('Parameters that are sent under another name: the old name, and the new one.'),
  allow_parameters: z
    .array(parameterName)
    .max(50)
    .describe(
      'Parameters of chat completions beside the known ones that are passed on, for the kinds `openai` and `deepseek`. Without them such a parameter is refused.',
    ),
  first_byte_timeout_ms: wait(WAIT_MS_MAX)
    .nullable()
    .describe(
      'The longest wait for the first piece of an answer, in milliseconds. Null is 120 seconds, or 50 ms for each output token if that is longer, at most ten minutes. Afterwards the next provider is tried.',
    ),
  idle_timeout_ms: wait(WAIT_MS_MAX).describe(
    'The longest silence within an answer, in milliseconds. 60 seconds by default.',
  ),
};

/** Every setting, as stored. What is missing has its default, so that a row from before a setting existed can be read. */
export const providerSettings = z.object({
  extra_headers: fields.extra_headers.default({}),
  output_limit_parameter: fields.output_limit_parameter.default(null),
  stream_usage: fields.stream_usage.default(true),
  drop_parameters: fields.drop_parameters.default([]),
  rename_parameters: fields.rename_parameters.default({}),
  allow_parameters: fields.allow_parameters.default([]),
  first_byte_timeout_ms: fields.first_byte_timeout_ms.default(null),
  idle_timeout_ms: fields.idle_timeout_ms.default(60_000),
});
export type ProviderSettings = z.infer<typeof providerSettings>;

/** The settings of a provider for which none were chosen. */
export const defaultSettings: ProviderSettings = providerSettings.parse({});

/** Settings in a request. Those that are missing have their default, or stay as they are in a change. */
export const settingsInput = z.strictObject(fields).partial().meta({ id: 'ProviderSettingsInput' });
export type SettingsInput = z.infer<typeof settingsInput>;

/** Settings as an admin sees them: without the values of headers. */
export const shownSettings = z
  .object({
    ...fields,
    extra_headers: z
      .record(z.string(), z.literal(HIDDEN_VALUE))
      .describe(fields.extra_headers.description ?? ''),
  })
  .meta({ id: 'ProviderSettings' });
export type ShownSettings = z.infer<typeof shownSettings>;

/** The settings without the values of headers. Pure. */
export const withoutValues = (settings: ProviderSettings): ShownSettings => ({
  ...settings,
  extra_headers: Object.fromEntries(
    Object.keys(settings.extra_headers).map((name) => [name, HIDDEN_VALUE] as const),
  ),
});

/** True when a change keeps the value of a saved header: it names none, or stands for one by {@link HIDDEN_VALUE}. Pure. */
export const keepsValues = (saved: ProviderSettings, change: SettingsInput | undefined): boolean =>
  change?.extra_headers === undefined
    ? Object.keys(saved.extra_headers).length > 0
    : Object.values(change.extra_headers).includes(HIDDEN_VALUE);

/** The settings after a change. A hidden value that was never saved is left out. Pure. */
export function changedSettings(saved: ProviderSettings, change: SettingsInput): ProviderSettings {
  const { extra_headers = saved.extra_headers, ...rest } = change;
  const headers = Object.entries(extra_headers).flatMap(([name, value]) => {
    if (value !== HIDDEN_VALUE) return [[name, value] as const];
    return Object.hasOwn(saved.extra_headers, name) ? [[name, saved.extra_headers[name]] as const] : [];
  });
  return providerSettings.parse({ ...saved, ...rest, extra_headers: Object.fromEntries(headers) });
}
