import type { NeutralRequest } from '../provider.ts';

/**
 * The previews (`anthropic-beta`) that are asked for. Only names of this list are sent: the others change a price, bill tokens beside the
 * usage, store something at the provider, or belong to fields that are never sent. Pure. Source: the list of the official SDK and
 * platform.claude.com/docs/en/api/beta-headers, November 2026.
 */
const passed: ReadonlySet<string> = new Set([
  // Limits and forms of the answer. The output limit is sent with every request, whatever a preview allows.
  ...['output-128k-2025-02-19', 'output-300k-2026-03-24', 'model-context-window-exceeded-2025-08-26'],
  ...['structured-outputs-2025-11-13', 'structured-outputs-2025-12-15', 'thinking-token-count-2026-05-13'],
  // Thinking and effort.
  ...['interleaved-thinking-2025-05-14', 'effort-2025-11-24'],
  // Tools.
  ...['token-efficient-tools-2025-02-19', 'fine-grained-tool-streaming-2025-05-14'],
  // The cache, documents and counts, which have become part of the API.
  ...['prompt-caching-2024-07-31', 'extended-cache-ttl-2025-04-11', 'pdfs-2024-09-25'],
  'token-counting-2024-11-01',
  // The name by which Claude Code says who asks.
  'claude-code-20250219',
]);

/** The preview that context edits need. */
const CONTEXT_EDITS = 'context-management-2025-06-27';

/** The previews to ask for with a request. `edits_context`: it has context edits. */
export const betasOf = (
  { betas = [] }: Pick<NeutralRequest, 'betas'>,
  { edits_context }: { edits_context: boolean },
): string[] => [...betas.filter((name) => passed.has(name)), ...(edits_context ? [CONTEXT_EDITS] : [])];
