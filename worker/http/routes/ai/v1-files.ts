import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { ErrorCode } from '../../../../contracts/errors.ts';
import { openAiError } from '../../../../contracts/v1/chat-completions-answer.ts';
import { uuidOfFile } from '../../../../contracts/v1/file-id.ts';
import {
  anthropicFile,
  anthropicFileDeleted,
  anthropicFileList,
  type FilesQuery,
  filesQuery,
  openAiFile,
  openAiFileDeleted,
  openAiFileList,
  type StoredFile,
  uploadForm,
} from '../../../../contracts/v1/files.ts';
import { anthropicError } from '../../../../contracts/v1/messages-answer.ts';
import { listFiles } from '../../../db/files/user-files.ts';
import { attachmentOf } from '../../../files/file-name.ts';
import { boundaryOf } from '../../../files/form-reader.ts';
import { getFile, getFiles, openFile, removeFile } from '../../../files/own-files.ts';
import { type UploadRefusal, uploadFile } from '../../../files/upload.ts';
import { anthropicFileOf } from '../../../surfaces/anthropic/files.ts';
import { endsOfPage, type FilePage } from '../../../surfaces/file-lists.ts';
import { openAiFileOf } from '../../../surfaces/openai/files.ts';
import { isOfAnthropic, refuseAsClient } from '../../answers/refuse-as-client.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { invalidRequest, problem, refuseInvalid } from '../../errors.ts';
import { CLIENT_ERROR_TEXT, json, sessionOrKey, surfaceProblems } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

const tags = ['Files'];
const eitherError = z.union([openAiError, anthropicError]);
const problems = surfaceProblems(eitherError);
const BOTH =
  "With the header `anthropic-version`, which Anthropic's SDKs send, answers and errors have Anthropic's format.";
const params = z.object({ file_id: z.string().max(100).describe('The id of the file.') });
const reading = sessionOrKey('executions:read');
const writing = sessionOrKey('executions:write');

/** Codes of an upload that no other operation answers. */
const uploadCodes: readonly ErrorCode[] = ['too_many_files', 'body_too_large'];

const upload = createRoute({
  method: 'post',
  path: '/files',
  operationId: 'createFile',
  tags,
  summary: 'Upload a file.',
  description: `Keeps a file of at most 32 MiB for 30 days, for you alone, so that prompts can name it by its id. The type is what its bytes and its name tell. You can have 1,000 files and 1 GiB. ${BOTH}`,
  security: writing,
  request: {
    body: {
      required: true,
      // `@` stands for the bytes of a file, as curl has it.
      content: {
        'multipart/form-data': { schema: uploadForm, example: { purpose: 'user_data', file: '@report.pdf' } },
      },
    },
  },
  responses: {
    200: json(z.union([openAiFile, anthropicFile]), 'The file.'),
    '4XX': { ...json(eitherError, CLIENT_ERROR_TEXT), codes: uploadCodes },
    '5XX': problems['5XX'],
  },
});

const list = createRoute({
  method: 'get',
  path: '/files',
  operationId: 'listFiles',
  tags,
  summary: 'List your files.',
  description: `Returns the newest file first. ${BOTH}`,
  security: reading,
  request: { query: filesQuery },
  responses: { 200: json(z.union([openAiFileList, anthropicFileList]), 'A page of files.'), ...problems },
});

const read = createRoute({
  method: 'get',
  path: '/files/{file_id}',
  operationId: 'getFile',
  tags,
  summary: 'Retrieve a file.',
  description: `Returns what is known of the file. ${BOTH}`,
  security: reading,
  request: { params },
  responses: { 200: json(z.union([openAiFile, anthropicFile]), 'The file.'), ...problems },
});

const content = createRoute({
  method: 'get',
  path: '/files/{file_id}/content',
  operationId: 'getFileContent',
  tags,
  summary: 'Download a file.',
  description: 'Returns the bytes of the file, to be saved under its name.',
  security: reading,
  request: { params },
  responses: {
    200: {
      description: 'The bytes.',
      content: {
        'application/octet-stream': { schema: z.string().describe('The bytes.').meta({ format: 'binary' }) },
      },
    },
    ...problems,
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/files/{file_id}',
  operationId: 'deleteFile',
  tags,
  summary: 'Delete a file.',
  description: `Deletes the file permanently. Executions that have begun keep what they were sent. ${BOTH}`,
  security: writing,
  request: { params },
  responses: { 200: json(z.union([openAiFileDeleted, anthropicFileDeleted]), 'Deleted.'), ...problems },
});

const noFile = (c: RequestContext) =>
  refuseAsClient(c, 'not_found', {
    message: 'You have no such file, or it has expired.',
    details: { field: 'file_id' },
  });

const refuse = (c: RequestContext, code: ErrorCode) =>
  code === 'not_found' ? noFile(c) : refuseAsClient(c, code);

const answerFile = (c: RequestContext, file: StoredFile) =>
  c.json(isOfAnthropic(c) ? anthropicFileOf(file) : openAiFileOf(file), 200);

function refuseUpload(c: RequestContext, refusal: UploadRefusal): Response {
  switch (refusal.code) {
    case 'invalid_request':
      return refuseField(c, refusal);
    case 'invalid_fields':
      return invalidRequest(c, refusal.error, 'form');
    case 'body_too_large':
      return problem(c, refusal.code, {
        message: `The file is too large: at most ${refusal.limit_bytes} bytes.`,
        details: { field: 'file', limit_bytes: refusal.limit_bytes },
      });
    case 'too_many_files':
      return problem(c, refusal.code, { details: refusal.held });
    default:
      return problem(c, refusal.code);
  }
}

async function answerUpload(c: Context): Promise<Response> {
  const boundary = boundaryOf(c.req.header('content-type') ?? '');
  const { body } = c.req.raw;
  if (boundary === null || body === null)
    return problem(c, 'unsupported_media_type', { message: 'Send the file as multipart/form-data.' });
  const uploaded = await uploadFile(dependenciesOf(c), c.var.principal, { body, boundary });
  return uploaded.ok ? answerFile(c, uploaded.value) : refuseUpload(c, uploaded.failure);
}

/** Files of a page of OpenAI's, and of Anthropic's, that names no limit. */
const LIMITS = { openAi: 10_000, anthropic: 20 };

/** The id that a page begins at, and its parameter. */
type Start = { name: keyof FilesQuery; id: string } | null;

function startOf(query: FilesQuery, names: readonly ('after' | 'after_id' | 'before_id' | 'page')[]): Start {
  const name = names.find((one) => query[one] !== undefined);
  return name === undefined ? null : { name, id: query[name] ?? '' };
}

/** Reads the page that a query asks for, or refuses the id at which it begins. */
async function pageOf(c: Context, query: FilesQuery): Promise<FilePage | Response> {
  const isAnthropic = isOfAnthropic(c);
  const deps = dependenciesOf(c);
  if (isAnthropic && query['ids[]'] !== undefined) {
    const found = await getFiles(deps, c.var.principal, [query['ids[]']].flat());
    return found.ok ? { files: found.value, has_more: false } : problem(c, found.failure.code);
  }
  const start = startOf(query, isAnthropic ? ['before_id', 'page', 'after_id'] : ['after']);
  const after = start === null ? null : uuidOfFile(start.id);
  if (start !== null && after === null)
    return refuseField(c, { field: start.name, rule: 'invalid', message: 'The id of a file' });
  const isBackwards = start?.name === 'before_id';
  const order = isAnthropic ? (isBackwards ? 'asc' : 'desc') : (query.order ?? 'desc');
  const limit = query.limit ?? (isAnthropic ? LIMITS.anthropic : LIMITS.openAi);
  const { purpose } = query;
  const listed = await listFiles(deps.database, c.var.principal, { limit, order, after, purpose });
  if (!listed.ok) return problem(c, listed.failure.code);
  const { files, has_more } = listed.value;
  return { files: isBackwards ? files.toReversed() : files, has_more };
}

async function answerList(c: Context, query: FilesQuery): Promise<Response> {
  const page = await pageOf(c, query);
  if (page instanceof Response) return page;
  const ends = endsOfPage(page);
  if (!isOfAnthropic(c))
    return c.json({ object: 'list' as const, data: page.files.map(openAiFileOf), ...ends }, 200);
  const next_page = page.has_more && query.before_id === undefined ? ends.last_id : null;
  return c.json({ data: page.files.map(anthropicFileOf), ...ends, next_page }, 200);
}

async function answerContent(c: Context, file_id: string): Promise<Response> {
  const opened = await openFile(dependenciesOf(c), c.var.principal, file_id);
  if (!opened.ok) return refuse(c, opened.failure.code);
  const { file, body } = opened.value;
  return new Response(body, {
    headers: {
      'content-type': file.media_type,
      'content-length': String(file.bytes),
      'content-disposition': attachmentOf(file.filename),
      'x-content-type-options': 'nosniff',
    },
  });
}

const routes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid });
// The library would read the whole form before the handler: it is described here, and read as it arrives.
routes.openAPIRegistry.registerPath(upload);
routes.post('/files', (c) => answerUpload(c));

/** Files of users for the SDKs of OpenAI and Anthropic. Errors get their format in middleware/sdk-errors.ts. */
export const filesRoutes = routes
  .openapi(list, async (c) => (await answerList(c, c.req.valid('query'))) as never)
  .openapi(read, async (c) => {
    const found = await getFile(dependenciesOf(c), c.var.principal, c.req.valid('param').file_id);
    return found.ok ? answerFile(c, found.value) : refuse(c, found.failure.code);
  })
  .openapi(content, async (c) => (await answerContent(c, c.req.valid('param').file_id)) as never)
  .openapi(remove, async (c) => {
    const { file_id: id } = c.req.valid('param');
    const removed = await removeFile(dependenciesOf(c), c.var.principal, id);
    if (!removed.ok) return refuse(c, removed.failure.code);
    return c.json(
      isOfAnthropic(c)
        ? { id, type: 'file_deleted' as const }
        : { id, object: 'file' as const, deleted: true as const },
      200,
    );
  });
