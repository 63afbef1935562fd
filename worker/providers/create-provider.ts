import type { ProviderKind } from '../../contracts/usage.ts';
import { credentialFault } from './failure.ts';
import type { CompleteCall, Provider, ProviderTarget } from './provider.ts';

/** Adapters are loaded when first called: their SDKs would otherwise all be evaluated while the Worker starts. */
async function loadAdapter(kind: ProviderKind): Promise<CompleteCall> {
  switch (kind) {
    case 'openai':
      return (await import('./openai.ts')).completeWithOpenAi;
    case 'anthropic':
      return (await import('./anthropic.ts')).completeWithAnthropic;
    case 'google':
      return (await import('./google.ts')).completeWithGoogle;
  }
}

/** A key that a header can carry. Another would fail in `fetch`, with an error that quotes it. */
const isSendable = (api_key: string): boolean => /^[\x21-\x7e]+$/.test(api_key);

/** The provider behind `target`. Cheap, and free of connections: make one per call. */
export function createProvider(target: ProviderTarget): Provider {
  return {
    complete: async (request, signal) => {
      if (!isSendable(target.api_key)) {
        const message = 'The configured key is empty or holds characters that no header can carry';
        return {
          ok: false,
          failure: { ...credentialFault({ status: 401, message, retry_after_ms: null }), status: null },
        };
      }
      const complete = await loadAdapter(target.kind);
      return complete(target, request, signal);
    },
  };
}
