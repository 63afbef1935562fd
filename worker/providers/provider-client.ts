import { providerKinds } from '../../contracts/provider-kinds.ts';
import { unsupportedBy } from './capabilities.ts';
import type {
  NeutralRequest,
  ProviderClient,
  ProviderTarget,
  StreamPatience,
  StreamStart,
} from './provider.ts';
import { kindModules } from './registry.ts';
import { unusableCredential } from './transport/failure.ts';

async function streamFrom(
  { kind, base_url, secret, timeout_ms }: ProviderTarget,
  request: NeutralRequest,
  signal: AbortSignal,
  patience: StreamPatience,
): Promise<StreamStart> {
  const { parseCredential, loadAdapter } = kindModules[kind];
  const credential = parseCredential(secret);
  if (credential === null) return { ok: false, failure: unusableCredential };
  // Callers choose candidates that can serve the request. One that cannot is passed over rather than asked for something else.
  const message = unsupportedBy(kind, request);
  if (message !== null) {
    const failure = {
      kind: 'invalid_request',
      retryable: true,
      retry_after_ms: null,
      status: null,
      message,
    } as const;
    return { ok: false, failure };
  }
  const adapter = await loadAdapter();
  const target = { base_url: base_url ?? providerKinds[kind].official_base_url, credential, timeout_ms };
  return adapter.stream(target, request, signal, patience);
}

/** A client for the provider at `target`. It holds no connection: create one per call. */
export const providerClient = (target: ProviderTarget): ProviderClient => ({
  stream: (request, signal, patience) => streamFrom(target, request, signal, patience),
});
