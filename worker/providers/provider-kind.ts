import { z } from 'zod';
import type { ProviderSettings } from '../../contracts/catalog/provider-settings.ts';
import { documentsOf } from './chat/conversation.ts';
import type { EmbeddingInput, EmbeddingRequest, VectorPiece } from './embedding/embedding.ts';
import type { TaskStream } from './failover/task-stream.ts';
import type { ImagePiece, ImageRequest } from './image/image.ts';
import type { ModerationPiece, ModerationRequest } from './moderation/moderation.ts';
import type { NeutralRequest, StreamPatience, StreamStart } from './provider.ts';
import type { SpeechPiece, SpeechRequest } from './speech/speech.ts';
import type { TranscriptionPiece, TranscriptionRequest } from './transcription/transcription.ts';

/** The contract between a kind's folder and the rest of the product. registry.ts lists the folders. */

/** The named fields of a credential. Every value is treated as secret. */
export type CredentialFields = Readonly<Record<string, string>>;

/** A credential that is one key. */
export type KeyCredential = { api_key: string };

/** The address, credential and settings of one call, as an adapter gets them. */
export type AdapterTarget<Credential extends CredentialFields = KeyCredential> = {
  base_url: string;
  credential: Credential;
  /** The provider among those of all tenants, by which the quirks of its server are remembered. */
  provider_id: string;
  settings: ProviderSettings;
  timeout_ms: number;
};

/** Calls providers of one kind. Failures are values. */
export type Adapter<Credential extends CredentialFields = KeyCredential> = {
  stream(
    target: AdapterTarget<Credential>,
    request: NeutralRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<StreamStart>;
  /**
   * Asks the provider for the input tokens of the request. Null if it does not tell them; rejects if it cannot be reached. Absent if the
   * kind has no endpoint for it.
   */
  countInput?(
    target: AdapterTarget<Credential>,
    request: NeutralRequest,
    signal: AbortSignal,
  ): Promise<number | null>;
  /** Embeds texts. Each of these is absent if the kind has no such models (`model_kinds` of contracts/catalog/provider-kinds.ts). */
  embed?(
    target: AdapterTarget<Credential>,
    request: EmbeddingRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<TaskStream<VectorPiece>>;
  /** Judges texts and images. */
  moderate?(
    target: AdapterTarget<Credential>,
    request: ModerationRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<TaskStream<ModerationPiece>>;
  /** Generates images. */
  generateImages?(
    target: AdapterTarget<Credential>,
    request: ImageRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<TaskStream<ImagePiece>>;
  /** Speaks a text. */
  speak?(
    target: AdapterTarget<Credential>,
    request: SpeechRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<TaskStream<SpeechPiece>>;
  /** Writes audio down. */
  transcribe?(
    target: AdapterTarget<Credential>,
    request: TranscriptionRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<TaskStream<TranscriptionPiece>>;
};

/** The endpoint that lists the models of a credential. */
type ModelList<Credential extends CredentialFields> = {
  /** The path below the base URL, with its query. */
  path: string;
  headers(credential: Credential): Record<string, string>;
  /** Reads the names of the models from the body. */
  names: z.ZodType<string[]>;
  /** True for an error that refuses the credential although its status does not say so. */
  refusesCredential?(status: number, message: string): boolean;
};

/**
 * Everything about one kind except its description (contracts/catalog/provider-kinds.ts). It loads without the kind's SDK: only
 * `loadAdapter` imports that, at the first call, so that the Worker starts without evaluating it.
 */
export type ProviderKindModule<Credential extends CredentialFields = CredentialFields> = {
  /** Parses the stored secret; null when it cannot be a credential of this kind. */
  parseCredential(secret: string): Credential | null;
  /** The reason why no model of this kind can serve the request, in words for the caller; null when it can be served. */
  unsupported(request: NeutralRequest): string | null;
  /** The reason why no model of this kind can embed the input, in words for the caller; null when it can. Absent where any can be. */
  unsupportedEmbedding?(input: EmbeddingInput): string | null;
  /** The most tokens that the images of the request can be counted as, whatever their size. */
  imageTokensBound(request: NeutralRequest): number;
  /** The most stop sequences that the provider takes: the first ones are sent. Null if it sets no limit. */
  stops_max: number | null;
  /** True if the provider can be asked to call at most one tool at a time. Elsewhere the later calls of an answer are left out. */
  keeps_to_one_call: boolean;
  /** True if the provider takes instructions apart from the turns, so that later ones get tags (chat/turns.ts). */
  takes_instructions_apart: boolean;
  /** The parameters of `extra` that are sent to the provider; null when none are. */
  sentExtra(request: NeutralRequest): Record<string, unknown> | null;
  models: ModelList<Credential>;
  loadAdapter(): Promise<Adapter<Credential>>;
};

/** Parses a key that a header can carry. `fetch` would reject any other with an error that quotes it. */
export const parseApiKey = (secret: string): KeyCredential | null =>
  /^[\x21-\x7e]+$/.test(secret) ? { api_key: secret } : null;

/** A list of models as OpenAI and Anthropic write it: `{ data: [{ id }] }`. */
export const modelIds = z
  .object({ data: z.array(z.object({ id: z.string() })) })
  .transform(({ data }) => data.map(({ id }) => id));

/** The longest name of a tool at OpenAI, Google and servers compatible with either. Anthropic takes 128 characters. */
const TOOL_NAME_LENGTH_MAX = 64;

/** The reason why a tool's name is too long for most kinds; null when all names fit. */
export const unsupportedToolName = ({ tools = [] }: NeutralRequest): string | null =>
  tools.some(({ name }) => name.length > TOOL_NAME_LENGTH_MAX)
    ? `This model takes names of tools of at most ${TOOL_NAME_LENGTH_MAX} characters`
    : null;

/** The reason why a document by URL cannot be served by a kind that fetches none; null when there is none. */
export const unsupportedDocumentUrl = (request: NeutralRequest): string | null =>
  documentsOf(request).some(({ source }) => source.kind === 'url')
    ? 'This model takes documents as base64, not by URL'
    : null;
