import { type CsvValue, csvLine } from '../../../contracts/csv.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type { ExportedExecution } from '../../db/executions/execution-export.ts';
import { csvContent } from './csv-file.ts';

/** Executions as a CSV file. */

export const executionCsv = csvContent(
  'A header and a line for each execution, the newest first. Amounts are wallet tokens and whole micro-USD. Figures that you cannot see are empty.',
);

/** Returns the sum of the classes of tokens whose names match, or null without usage. Pure. */
function tokensOf(usage: Usage | null, classes: RegExp): number | null {
  if (usage === null) return null;
  return Object.entries(usage).reduce(
    (sum, [name, tokens]) => sum + (classes.test(name) ? (tokens ?? 0) : 0),
    0,
  );
}

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const columns: Record<string, (execution: ExportedExecution) => CsvValue | null> = {
  id: ({ id }) => id,
  created_at: ({ started_at_ms, finished_at_ms }) => isoOf(started_at_ms ?? finished_at_ms),
  finished_at: ({ finished_at_ms }) => isoOf(finished_at_ms),
  status: ({ status }) => status,
  error_code: ({ error_code }) => error_code,
  task: ({ task }) => task,
  model: ({ model }) => model,
  provider_name: ({ provider_name }) => provider_name,
  provider_model: ({ provider_model }) => provider_model,
  attempts: ({ attempts }) => attempts,
  user_id: ({ user }) => user.id,
  user_email: ({ user }) => user.email,
  user_name: ({ user }) => user.name,
  api_key_id: ({ api_key_id }) => api_key_id,
  input_tokens: ({ usage }) => tokensOf(usage, /^(input|cache)/),
  output_tokens: ({ usage }) => tokensOf(usage, /^output/),
  usage_source: ({ usage_source }) => usage_source,
  tokens_reserved: ({ tokens_reserved, tokens_charged }) => Math.max(tokens_reserved ?? 0, tokens_charged),
  tokens_charged: ({ tokens_charged }) => tokens_charged,
  cost_micro_usd: ({ cost_micro_usd }) => cost_micro_usd,
  wholesale_micro_usd: ({ wholesale_micro_usd }) => wholesale_micro_usd,
  first_token_ms: ({ first_token_ms }) => first_token_ms,
};

/** Returns executions as CSV with a header. Pure. */
export const csvOfExecutions = (executions: readonly ExportedExecution[]): string =>
  [
    Object.keys(columns),
    ...executions.map((execution) => Object.values(columns).map((read) => read(execution) ?? '')),
  ]
    .map(csvLine)
    .join('');
