import Anthropic, { toFile } from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { setFault } from '../support/simulators.ts';

/** Files that are uploaded once and named in prompts, by the official SDKs, unchanged. Simulated providers say what they were sent. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const ORIGIN = `http://${HOST}:${stack.port}`;
const MODELS = ['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'];
const PDF = Buffer.from('JVBERi0xLjQK', 'base64');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let user: Client;
let openai: OpenAI;
let anthropic: Anthropic;

const sdks = (apiKey: string) => ({
  openai: new OpenAI({ apiKey, baseURL: `${ORIGIN}/v1`, fetch: hostFetch, maxRetries: 0 }),
  anthropic: new Anthropic({ apiKey, baseURL: ORIGIN, fetch: hostFetch, maxRetries: 0 }),
});

beforeAll(async () => {
  user = await registerSomebody(stack.port, HOST);
  // A PDF holds the whole window of a model.
  await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), user, 50_000_000);
  const scopes = ['executions:write', 'executions:read'];
  const made = await user.post('/api/api-keys', { name: 'sdk', scopes });
  ({ openai, anthropic } = sdks(made.body.secret));
});

const upload = (bytes: Buffer | string, name: string) =>
  toFile(Buffer.from(bytes as string), name).then((file) =>
    openai.files.create({ file, purpose: 'user_data' }),
  );

describe("OpenAI's SDK", () => {
  it('uploads, retrieves, lists, downloads and deletes a file', async () => {
    const file = await openai.files.create({
      file: await toFile(PDF, 'Bücher "1".pdf'),
      purpose: 'assistants',
      expires_after: { anchor: 'created_at', seconds: 7_200 },
    });
    expect(file).toMatchObject({
      ...{ object: 'file', bytes: PDF.length, filename: 'Bücher "1".pdf' },
      ...{ purpose: 'assistants', status: 'processed' },
    });
    expect((file.expires_at ?? 0) - file.created_at).toBe(7_200);
    expect(await openai.files.retrieve(file.id)).toEqual(file);
    const other = await upload('x', 'b.txt');
    const seen: string[] = [];
    for await (const { id } of openai.files.list({ limit: 1 })) seen.push(id);
    expect(seen).toEqual([other.id, file.id]);
    const content = await openai.files.content(file.id);
    expect(Buffer.from(await content.arrayBuffer())).toEqual(PDF);
    expect(await openai.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(openai.files.retrieve(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(openai.files.content(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await openai.files.delete(other.id);
  });

  it('gets its own error for a purpose that is not there', async () => {
    const file = await toFile(PDF, 'a.pdf');
    await expect(openai.files.create({ file, purpose: 'fine-tune' })).rejects.toMatchObject({
      ...{ status: 400, param: 'purpose' },
    });
  });
});

describe("Anthropic's SDK", () => {
  it('uploads, retrieves, lists, downloads and deletes a file', async () => {
    const file = await anthropic.beta.files.upload({ file: await toFile(PNG, 'dir/a.png') });
    expect(file).toMatchObject({
      ...{
        type: 'file',
        filename: 'a.png',
        mime_type: 'image/png',
        size_bytes: PNG.length,
        downloadable: true,
      },
    });
    expect(await anthropic.beta.files.retrieveMetadata(file.id)).toEqual(file);
    const other = await upload('x', 'b.txt');
    const seen: string[] = [];
    for await (const { id } of anthropic.beta.files.list({ limit: 1 })) seen.push(id);
    expect(seen).toEqual([other.id, file.id]);
    const named = await anthropic.beta.files.list({ ids: [file.id, 'file-none'] });
    expect(named.data.map(({ id }) => id)).toEqual([file.id]);
    const content = await anthropic.beta.files.download(file.id);
    expect(Buffer.from(await content.arrayBuffer())).toEqual(PNG);
    expect(await anthropic.beta.files.delete(file.id)).toEqual({ id: file.id, type: 'file_deleted' });
    await expect(anthropic.beta.files.retrieveMetadata(file.id)).rejects.toBeInstanceOf(
      Anthropic.NotFoundError,
    );
    await openai.files.delete(other.id);
  });
});

describe.each(MODELS)('on %s', (model) => {
  const question = { type: 'text' as const, text: 'What is this?' };

  it('chat completions and the Responses API read a PDF, an image and a text by their ids', async () => {
    const [pdf, image, text] = await Promise.all([
      upload(PDF, 'a.pdf'),
      upload(PNG, 'a.png'),
      upload('city;rain', 'a.csv'),
    ]);
    const said = await openai.chat.completions.create({
      ...{ model, max_completion_tokens: 500 },
      messages: [
        {
          role: 'user',
          content: [
            question,
            ...[pdf, image, text].map(({ id }) => ({ type: 'file' as const, file: { file_id: id } })),
          ],
        },
      ],
    });
    const answered = await openai.responses.create({
      ...{ model, max_output_tokens: 500 },
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_file', file_id: pdf.id },
            { type: 'input_image', file_id: image.id, detail: 'auto' },
            { type: 'input_file', file_id: text.id },
          ],
        },
      ],
    });
    for (const words of [said.choices[0]?.message.content, answered.output_text])
      for (const part of ['a document', 'an image', 'city;rain']) expect(words).toContain(part);
  });

  it('messages read a PDF, a text and an image that OpenAI’s SDK uploaded, and count them', async () => {
    const [pdf, image, text] = await Promise.all([
      upload(PDF, 'a.pdf'),
      upload(PNG, 'a.png'),
      upload('city;rain', 'a.csv'),
    ]);
    const source = ({ id }: { id: string }) => ({ type: 'file' as const, file_id: id });
    const request: Anthropic.Beta.MessageCreateParamsNonStreaming = {
      ...{ model, max_tokens: 500, betas: ['files-api-2025-04-14'] },
      messages: [
        {
          role: 'user',
          content: [
            question,
            { type: 'document', source: source(pdf) },
            { type: 'document', source: source(text) },
            { type: 'image', source: source(image) },
          ],
        },
      ],
    };
    const words = JSON.stringify((await anthropic.beta.messages.create(request)).content);
    for (const part of ['a document', 'an image', 'city;rain']) expect(words).toContain(part);
    const { max_tokens: _, ...counted } = request;
    expect((await anthropic.beta.messages.countTokens(counted)).input_tokens).toBeGreaterThan(0);
  });

  it('Google’s API and our own read them as well', async () => {
    const [pdf, image] = await Promise.all([upload(PDF, 'a.pdf'), upload(PNG, 'a.png')]);
    const content = await user.post(`/v1beta/models/${model}:generateContent`, {
      contents: [
        {
          parts: [
            { fileData: { mimeType: 'application/pdf', fileUri: `files/${pdf.id}` } },
            { fileData: { mimeType: 'image/png', fileUri: image.id } },
          ],
        },
      ],
    });
    const parts = [
      { type: 'file', file_id: pdf.id },
      { type: 'file', file_id: image.id },
    ];
    const ours = await user.post('/api/ai/executions', {
      ...{ model, max_output_tokens: 500, messages: [{ role: 'user', content: parts }] },
    });
    expect([content.status, ours.status]).toEqual([200, 201]);
    for (const { body } of [content, ours])
      for (const part of ['a document', 'an image']) expect(JSON.stringify(body)).toContain(part);
  });
});

describe('a file that is deleted', () => {
  it('while an execution in the background waits for a provider is still what it was asked about', async () => {
    const { id } = await upload('city;rain', 'a.csv');
    await setFault(stack.simulatorOrigin, 'all', 'server_error');
    const begun = await user.post('/api/ai/executions', {
      ...{ model: 'gpt-5.4-mini', max_output_tokens: 500, background: true },
      messages: [{ role: 'user', content: [{ type: 'file', file_id: id }] }],
    });
    expect(begun.status).toBe(202);
    await openai.files.delete(id);
    await setFault(stack.simulatorOrigin, 'all', 'none');
    const ended = await eventually(
      async () => (await user.get(`/api/ai/executions/${begun.body.id}`)).body,
      ({ status }) => status !== 'running',
    );
    expect(ended).toMatchObject({ status: 'succeeded', output_text: expect.stringContaining('city;rain') });
  });

  it('is refused by the name of the field, in the form of each API, and nothing is charged', async () => {
    const { id } = await upload('x', 'a.txt');
    await openai.files.delete(id);
    const before = (await user.get('/api/wallet')).body;
    const model = 'gpt-5.4-mini';
    await expect(
      openai.chat.completions.create({
        ...{ model, messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }] },
      }),
    ).rejects.toMatchObject({ status: 400, param: 'messages.0.content.0.file.file_id' });
    await expect(
      openai.responses.create({
        ...{ model, input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }] },
      }),
    ).rejects.toMatchObject({ status: 400, param: 'input.0.content.0.file_id' });
    await expect(
      anthropic.beta.messages.create({
        ...{ model, max_tokens: 10 },
        messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: id } }] }],
      }),
    ).rejects.toThrow('messages.0.content.0.source.file_id');
    const google = await user.post(`/v1beta/models/${model}:generateContent`, {
      contents: [{ parts: [{ fileData: { mimeType: 'text/plain', fileUri: id } }] }],
    });
    expect(google.status).toBe(400);
    expect(JSON.stringify(google.body)).toContain('contents.0.parts.0.fileData.fileUri');
    expect((await user.get('/api/wallet')).body.available).toBe(before.available);
  });
});

describe('an Idempotency-Key', () => {
  it('repeats the answer to a prompt with the same file, and refuses another file', async () => {
    const [one, two] = await Promise.all([upload('city;rain', 'a.csv'), upload('city;sun', 'a.csv')]);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = (file_id: string) =>
      openai.chat.completions.create(
        {
          ...{ model: 'gpt-5.4-mini', max_completion_tokens: 500 },
          messages: [{ role: 'user', content: [{ type: 'file', file: { file_id } }] }],
        },
        { headers },
      );
    const first = await ask(one.id);
    expect(await ask(one.id)).toEqual(first);
    await expect(ask(two.id)).rejects.toMatchObject({ status: 422 });
  });
});

it('the export of an account lists its files, without their contents', async () => {
  const { id } = await upload('A secret', 'a.txt');
  const { body } = await user.get('/api/auth/export');
  expect(body.files).toContainEqual(
    expect.objectContaining({ id, filename: 'a.txt', media_type: 'text/plain', bytes: 8 }),
  );
  expect(JSON.stringify(body.files)).not.toContain('A secret');
});
