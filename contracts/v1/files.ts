import { z } from 'zod';
import { formFile, formNumber } from './form-fields.ts';

/** /v1/files as the SDKs of OpenAI (platform.openai.com/docs/api-reference/files) and Anthropic (platform.claude.com/docs/en/api/files) send it. */

/** The most bytes of one file, and of all files of a user. */
export const FILE_BYTES_MAX = 33_554_432;
export const USER_BYTES_MAX = 1_073_741_824;
/** The most files of a user. */
export const USER_FILES_MAX = 1_000;
/** The most characters of a name. */
export const FILE_NAME_MAX = 500;

/** The seconds for which a file is kept, unless its upload asks for fewer. OpenAI's longest time. */
export const FILE_LIFETIME_S = 2_592_000;
const LIFETIME_MIN_S = 3_600;

export const filePurpose = z
  .enum(['user_data', 'assistants', 'vision'], '`user_data`, `assistants` or `vision`')
  .describe('The purpose, for your own order. Every file can be sent to a model.');
export type FilePurpose = z.infer<typeof filePurpose>;

/** A file of a user. `id` is its UUID, and times are epoch milliseconds. */
export type StoredFile = {
  id: string;
  filename: string;
  media_type: string;
  bytes: number;
  purpose: FilePurpose;
  created_at_ms: number;
  expires_at_ms: number;
};

const lifetime = formNumber(z.int().min(LIFETIME_MIN_S).max(FILE_LIFETIME_S));

/** The fields of an upload beside the file. */
export const uploadFields = z.strictObject({
  purpose: filePurpose.optional(),
  'expires_after[anchor]': z
    .literal('created_at')
    .optional()
    .describe('The time from which the seconds count: always `created_at`.'),
  'expires_after[seconds]': lifetime
    .optional()
    .describe('The seconds until the file is deleted, 3,600 to 2,592,000. Defaults to 30 days.'),
  expires_in_seconds: lifetime
    .optional()
    .describe("The same, as Anthropic's SDKs send it: 3,600 to 2,592,000."),
});
export type UploadFields = z.infer<typeof uploadFields>;

/** The form of an upload, for the document: the form itself is read as it arrives. */
export const uploadForm = uploadFields
  .extend({ file: formFile.describe('The file, of at most 32 MiB, with its name.') })
  .meta({ id: 'FileUpload' });

const place = (direction: string) =>
  z.string().max(100).optional().describe(`The id of a file: the page has those ${direction} it.`);

/** The most ids of a list that names them. */
const IDS_MAX = 100;

/** The page of a list to answer: the parameters of both APIs. */
export const filesQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("The most files of the page. Defaults to 10,000 in OpenAI's format, and to 20 in Anthropic's."),
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .describe("The order by time: the newest first with `desc`, the default. OpenAI's parameter."),
  purpose: filePurpose.optional().describe("Returns only files with this purpose. OpenAI's parameter."),
  after: place('after').describe("The id of the last file of the page before. OpenAI's parameter."),
  after_id: place('after').describe("The id of a file: the page has those after it. Anthropic's parameter."),
  before_id: place('before').describe(
    "The id of a file: the page has those before it. Anthropic's parameter.",
  ),
  page: place('after').describe("The `next_page` of the page before. Anthropic's parameter."),
  'ids[]': z
    .union([z.string().max(100), z.array(z.string().max(100)).max(IDS_MAX)])
    .optional()
    .describe(
      "Returns only the files with these ids, at most 100, on one page. Ids of no file of yours are left out. Anthropic's parameter.",
    ),
});
export type FilesQuery = z.infer<typeof filesQuery>;

export const openAiFile = z
  .object({
    id: z.string().describe('The id of the file. Send it as `file_id`.'),
    object: z.literal('file').describe('The type of the object.'),
    bytes: z.int().describe('The size in bytes.'),
    created_at: z.int().describe('The time of the upload, in seconds since 1970.'),
    expires_at: z.int().describe('The time at which the file is deleted, in seconds since 1970.'),
    filename: z.string().describe('The name of the file.'),
    purpose: filePurpose,
    status: z.literal('processed').describe('Always `processed`.'),
  })
  .meta({ id: 'OpenAiFile' });
export type OpenAiFile = z.infer<typeof openAiFile>;

const firstId = z.string().nullable().describe('The first file of the page. Null if there is none.');
const lastId = z.string().nullable().describe('The last file of the page. Null if there is none.');
const hasMore = z.boolean().describe('True if there are more in the direction that was asked for.');

export const openAiFileList = z
  .object({
    object: z.literal('list').describe('The type of the object.'),
    data: z.array(openAiFile).describe('The files of the page.'),
    first_id: firstId,
    last_id: lastId,
    has_more: hasMore,
  })
  .meta({ id: 'OpenAiFileList' });

export const openAiFileDeleted = z
  .object({
    id: z.string().describe('The id of the file.'),
    object: z.literal('file').describe('The type of the object.'),
    deleted: z.literal(true).describe('Always true.'),
  })
  .meta({ id: 'OpenAiFileDeleted' });

export const anthropicFile = z
  .object({
    id: z.string().describe('The id of the file. Send it as `file_id`.'),
    type: z.literal('file').describe('The type of the object.'),
    filename: z.string().describe('The name of the file.'),
    mime_type: z.string().describe('The type of the file, as its bytes and its name tell it.'),
    size_bytes: z.int().describe('The size in bytes.'),
    created_at: z.iso.datetime().describe('The time of the upload.'),
    expires_at: z.iso.datetime().describe('The time at which the file is deleted.'),
    downloadable: z.literal(true).describe('Always true.'),
    scope: z.null().describe('Always null.'),
  })
  .meta({ id: 'AnthropicFile' });
export type AnthropicFile = z.infer<typeof anthropicFile>;

export const anthropicFileList = z
  .object({
    data: z.array(anthropicFile).describe('The files of the page, the newest first.'),
    first_id: firstId,
    last_id: lastId,
    has_more: hasMore,
    next_page: z.string().nullable().describe('The `page` of the next page. Null on the last page.'),
  })
  .meta({ id: 'AnthropicFileList' });

export const anthropicFileDeleted = z
  .object({
    id: z.string().describe('The id of the file.'),
    type: z.literal('file_deleted').describe('The type of the object.'),
  })
  .meta({ id: 'AnthropicFileDeleted' });
