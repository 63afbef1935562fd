import { providerKinds } from '../../contracts/catalog/provider-kinds.ts';
import { defaultSettings } from '../../contracts/catalog/provider-settings.ts';
import { unsupportedBy } from './capabilities.ts';
import type { EmbeddingRequest, VectorPiece } from './embedding/embedding.ts';
import type { TaskStream, Typed } from './failover/task-stream.ts';
import type { ImagePiece, ImageRequest } from './image/image.ts';
import { tokenizerCount } from './metering/input-count.ts';
import type { ModerationPiece, ModerationRequest } from './moderation/moderation.ts';
import type {
  InputCount,
  NeutralRequest,
  ProviderFailure,
  ProviderTarget,
  StreamPatience,
  StreamStart,
} from './provider.ts';
import type { Adapter, AdapterTarget, CredentialFields } from './provider-kind.ts';
import { kindModules } from './registry.ts';
import type { SpeechPiece, SpeechRequest } from './speech/speech.ts';
import type { TranscriptionPiece, TranscriptionRequest } from './transcription/transcription.ts';
import { unusableCredential } from './transport/failure.ts';

/** A call of a model that does not chat. */
export type ClientCall<Request, Piece extends Typed> = (
  request: Request,
  signal: AbortSignal,
  patience: StreamPatience,
) => Promise<TaskStream<Piece>>;

/** Calls one provider. A failed call is a value and is never thrown. */
export interface ProviderClient {
  stream(request: NeutralRequest, signal: AbortSignal, patience: StreamPatience): Promise<StreamStart>;
  /** Embeds texts: a piece for each vector, in the order of the input. */
  embed: ClientCall<EmbeddingRequest, VectorPiece>;
  /** Judges texts and images, in one piece. */
  moderate: ClientCall<ModerationRequest, ModerationPiece>;
  /** Generates images, in one piece. */
  generateImages: ClientCall<ImageRequest, ImagePiece>;
  /** Speaks a text, in one piece. */
  speak: ClientCall<SpeechRequest, SpeechPiece>;
  /** Writes audio down, in one piece. */
  transcribe: ClientCall<TranscriptionRequest, TranscriptionPiece>;
  /** Counts the input tokens of a request. Null if that is not possible; never takes longer than the target's time limit. */
  countInput(request: NeutralRequest): Promise<InputCount | null>;
}

/** The target as its adapter gets it; null if the stored credential is unusable. */
function adapterTargetOf({
  kind,
  base_url,
  secret,
  timeout_ms,
  provider_id,
  settings = defaultSettings,
}: ProviderTarget): AdapterTarget<CredentialFields> | null {
  const credential = kindModules[kind].parseCredential(secret);
  if (credential === null) return null;
  return {
    base_url: base_url ?? providerKinds[kind].official_base_url,
    credential,
    provider_id: provider_id ?? crypto.randomUUID(),
    settings,
    timeout_ms,
  };
}

async function streamFrom(
  target: ProviderTarget,
  request: NeutralRequest,
  signal: AbortSignal,
  patience: StreamPatience,
): Promise<StreamStart> {
  const { kind } = target;
  const adapterTarget = adapterTargetOf(target);
  if (adapterTarget === null) return { ok: false, failure: unusableCredential };
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
  const adapter = await kindModules[kind].loadAdapter();
  return adapter.stream(adapterTarget, request, signal, patience);
}

const notServed: ProviderFailure = {
  ...{ kind: 'invalid_request', retryable: true, retry_after_ms: null, status: null },
  message: 'Providers of this kind have no such models',
};

type AdapterCall<Request, Piece extends Typed> = (
  target: AdapterTarget<CredentialFields>,
  ...call: Parameters<ClientCall<Request, Piece>>
) => Promise<TaskStream<Piece>>;

/** Returns a call of a model that does not chat, by the function that its adapter has for it. */
const callBy =
  <Request, Piece extends Typed>(
    target: ProviderTarget,
    functionOf: (adapter: Adapter<CredentialFields>) => AdapterCall<Request, Piece> | undefined,
  ): ClientCall<Request, Piece> =>
  async (...call) => {
    const adapterTarget = adapterTargetOf(target);
    if (adapterTarget === null) return { ok: false, failure: unusableCredential };
    const run = functionOf(await kindModules[target.kind].loadAdapter());
    return run === undefined ? { ok: false, failure: notServed } : run(adapterTarget, ...call);
  };

/** Counts by the provider's endpoint, or by a tokenizer if its kind has none. A count of nothing is none. */
async function countFrom(target: ProviderTarget, request: NeutralRequest): Promise<InputCount | null> {
  const adapter = await kindModules[target.kind].loadAdapter();
  if (adapter.countInput === undefined) return tokenizerCount(target.kind, request);
  const adapterTarget = adapterTargetOf(target);
  if (adapterTarget === null) return null;
  const signal = AbortSignal.timeout(target.timeout_ms);
  const counted = await adapter.countInput(adapterTarget, request, signal).catch(() => null);
  return counted === null || counted === 0 ? null : { tokens: counted, source: 'provider' };
}

/** A client for the provider at `target`. It holds no connection: create one per call. */
export const providerClient = (target: ProviderTarget): ProviderClient => ({
  stream: (request, signal, patience) => streamFrom(target, request, signal, patience),
  embed: callBy(target, ({ embed }) => embed),
  moderate: callBy(target, ({ moderate }) => moderate),
  generateImages: callBy(target, ({ generateImages }) => generateImages),
  speak: callBy(target, ({ speak }) => speak),
  transcribe: callBy(target, ({ transcribe }) => transcribe),
  countInput: (request) => countFrom(target, request),
});
