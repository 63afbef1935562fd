import type { ProviderKind } from '../../contracts/usage.ts';
import { unsupportedBy } from './capabilities.ts';
import type { Adapter, NeutralRequest, Provider, ProviderFailure, ProviderTarget } from './provider.ts';
import { credentialFault } from './transport/failure.ts';

/** Adapters are loaded when first called: their SDKs would otherwise all be evaluated while the Worker starts. */
async function loadAdapter(kind: ProviderKind): Promise<Adapter> {
  switch (kind) {
    case 'openai':
      return (await import('./openai/adapter.ts')).openAiAdapter;
    case 'anthropic':
      return (await import('./anthropic/adapter.ts')).anthropicAdapter;
    case 'google':
      return (await import('./google/adapter.ts')).googleAdapter;
  }
}

/** A key that a header can carry. Another would fail in `fetch`, with an error that quotes it. */
const isSendable = (api_key: string): boolean => /^[\x21-\x7e]+$/.test(api_key);

/**
 * What makes a call pointless. Callers choose candidates that can do what is asked; should one slip through, it is better
 * passed over than asked for something else than the user wants.
 */
function obstacleTo({ kind, api_key }: ProviderTarget, request: NeutralRequest): ProviderFailure | null {
  if (!isSendable(api_key)) {
    const message = 'The configured key is empty or holds characters that no header can carry';
    return { ...credentialFault({ status: 401, message, retry_after_ms: null }), status: null };
  }
  const message = unsupportedBy(kind, request);
  if (message === null) return null;
  return { kind: 'invalid_request', retryable: true, retry_after_ms: null, status: null, message };
}

/** The provider behind `target`. Cheap, and free of connections: make one per call. */
export function createProvider(target: ProviderTarget): Provider {
  return {
    async complete(request, signal) {
      const failure = obstacleTo(target, request);
      if (failure !== null) return { ok: false, failure };
      return (await loadAdapter(target.kind)).complete(target, request, signal);
    },
    async stream(request, signal, patience) {
      const failure = obstacleTo(target, request);
      if (failure !== null) return { ok: false, failure };
      return (await loadAdapter(target.kind)).stream(target, request, signal, patience);
    },
  };
}
