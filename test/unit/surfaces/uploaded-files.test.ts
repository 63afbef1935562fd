import { describe, expect, it } from 'vitest';
import { createExecutionRequest } from '../../../contracts/api/executions.ts';
import { chatCompletionRequest } from '../../../contracts/v1/chat-completions-request.ts';
import type { AtReference, FileReference, LoadedFile } from '../../../contracts/v1/file-references.ts';
import { messagesRequest } from '../../../contracts/v1/messages-request.ts';
import { responsesRequest } from '../../../contracts/v1/responses-request.ts';
import { generateContentRequest } from '../../../contracts/v1beta/generate-content-request.ts';
import * as anthropic from '../../../worker/surfaces/anthropic/files.ts';
import { translateMessages } from '../../../worker/surfaces/anthropic/request.ts';
import * as google from '../../../worker/surfaces/google/files.ts';
import { translateContent } from '../../../worker/surfaces/google/request.ts';
import * as native from '../../../worker/surfaces/native/files.ts';
import { chatOfRequest } from '../../../worker/surfaces/native/request.ts';
import * as openai from '../../../worker/surfaces/openai/files.ts';
import { translateRequest } from '../../../worker/surfaces/openai/request.ts';
import * as responses from '../../../worker/surfaces/responses/files.ts';
import { translateResponses } from '../../../worker/surfaces/responses/request.ts';

const PNG = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjQK';
const files: Record<string, LoadedFile> = {
  pdf: { kind: 'pdf', filename: 'a.pdf', media_type: 'application/pdf', data: PDF },
  image: { kind: 'image', filename: 'a.png', media_type: 'image/png', data: PNG },
  audio: { kind: 'audio', filename: 'a.wav', media_type: 'audio/wav', data: 'UklGRg==' },
  text: { kind: 'text', filename: 'a.csv', text: 'city;rain' },
};
const image = { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: PNG } };
const document = { type: 'document', source: { kind: 'base64', media_type: 'application/pdf', data: PDF } };
const recording = { type: 'audio', source: { kind: 'base64', media_type: 'audio/wav', data: 'UklGRg==' } };

/** Puts the files above in, by their ids, and notes the places. */
function putIn<Value>(fill: (at: AtReference) => Value): { filled: Value; places: string[] } {
  const places: string[] = [];
  const at: AtReference = (reference: FileReference, part, make) => {
    places.push(reference.field);
    const kind = reference.file_id.replace(/^file-0+.*/, 'image');
    const file = files[kind];
    return file === undefined ? part : make(file);
  };
  return { filled: fill(at), places };
}

describe('uploaded files become parts as if they had been sent', () => {
  it('in chat completions', () => {
    const part = (file_id: string) => ({ type: 'file', file: { file_id } });
    const request = chatCompletionRequest.parse({
      model: 'auto',
      messages: [
        { role: 'user', content: ['pdf', 'image', 'audio', 'text'].map(part) },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: [part('image')] },
      ],
    });
    const { filled, places } = putIn((at) => openai.withFiles(request, at));
    const { messages } = translateRequest(filled).chat;
    expect(messages[0]?.content).toEqual([
      { ...document, title: 'a.pdf' },
      image,
      recording,
      { type: 'text', text: 'a.csv\n\ncity;rain' },
    ]);
    expect(messages[2]?.content).toEqual([image]);
    expect(places).toContain('messages.0.content.3.file.file_id');
    expect(places.at(-1)).toBe('messages.2.content.0.file.file_id');
  });

  it('in the Responses API', () => {
    const request = responsesRequest.parse({
      model: 'auto',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_file', file_id: 'pdf', filename: 'b.pdf' },
            { type: 'input_image', file_id: 'image', detail: 'low' },
            { type: 'input_file', file_id: 'text' },
          ],
        },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', file_id: 'image' }] },
      ],
    });
    const { filled, places } = putIn((at) => responses.withFiles(request, at));
    const { messages } = translateResponses(filled).chat;
    expect(messages[0]?.content).toEqual([
      { ...document, title: 'b.pdf' },
      { ...image, detail: 'low' },
      { type: 'text', text: 'a.csv\n\ncity;rain' },
    ]);
    expect(messages.at(-1)?.content).toEqual([image]);
    expect(places).toEqual([
      'input.0.content.0.file_id',
      'input.0.content.1.file_id',
      'input.0.content.2.file_id',
      'input.2.output.0.file_id',
    ]);
  });

  it('in messages, also within results and documents', () => {
    const source = (file_id: string) => ({ type: 'file', file_id });
    const request = messagesRequest.parse({
      model: 'auto',
      max_tokens: 10,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: source('pdf'), title: 'A title' },
            { type: 'document', source: source('text') },
            { type: 'image', source: source('image') },
            {
              type: 'document',
              source: { type: 'content', content: [{ type: 'image', source: source('image') }] },
            },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c', content: [{ type: 'image', source: source('image') }] },
          ],
        },
      ],
    });
    const { filled, places } = putIn((at) => anthropic.withFiles(request, at));
    const { messages } = translateMessages(filled).chat;
    expect(messages[0]?.content).toEqual([
      { ...document, title: 'A title' },
      { type: 'text', text: 'city;rain' },
      image,
      image,
    ]);
    expect(messages[2]?.content).toEqual([image]);
    expect(places).toEqual([
      'messages.0.content.0.source.file_id',
      'messages.0.content.1.source.file_id',
      'messages.0.content.2.source.file_id',
      'messages.0.content.3.source.content.0.source.file_id',
      'messages.2.content.0.content.0.source.file_id',
    ]);
  });

  it('in contents of Google’s API', () => {
    const uri = `files/file-${'0'.repeat(32)}`;
    const request = generateContentRequest.parse({
      contents: [
        { role: 'user', parts: [{ fileData: { mimeType: 'image/png', fileUri: uri } }, { text: 'What?' }] },
      ],
    });
    const { filled, places } = putIn((at) => google.withFiles(request.contents, 'contents', at));
    const translated = translateContent('auto', { ...request, contents: filled });
    expect(translated).toMatchObject({
      request: { chat: { messages: [{ content: [image, { type: 'text', text: 'What?' }] }] } },
    });
    expect(places).toEqual(['contents.0.parts.0.fileData.fileUri']);
  });

  it('in our own API', () => {
    const request = createExecutionRequest.parse({
      model: 'auto',
      messages: [
        {
          role: 'user',
          content: ['pdf', 'image', 'audio', 'text'].map((file_id) => ({ type: 'file', file_id })),
        },
      ],
    });
    const { filled, places } = putIn((at) => native.withFiles(request, at));
    expect(chatOfRequest(filled).chat.messages[0]?.content).toEqual([
      { ...document, title: 'a.pdf' },
      image,
      recording,
      { type: 'text', text: 'a.csv\n\ncity;rain' },
    ]);
    expect(places[3]).toBe('messages.0.content.3.file_id');
  });
});

describe('a part that names a file and has one', () => {
  const user = (content: unknown) => ({ model: 'auto', messages: [{ role: 'user', content: [content] }] });

  it.each([
    [
      'chat completions',
      chatCompletionRequest,
      user({ type: 'file', file: { file_id: 'file-1', file_data: `data:application/pdf;base64,${PDF}` } }),
    ],
    ['chat completions', chatCompletionRequest, user({ type: 'file', file: { filename: 'a' } })],
    [
      'the Responses API',
      responsesRequest,
      {
        model: 'auto',
        input: [
          {
            role: 'user',
            content: [{ type: 'input_image', file_id: 'file-1', image_url: 'https://example.com/a.png' }],
          },
        ],
      },
    ],
    [
      'the Responses API',
      responsesRequest,
      { model: 'auto', input: [{ role: 'user', content: [{ type: 'input_file' }] }] },
    ],
  ])('or neither, is refused in %s', (_, schema, body) => {
    expect(schema.safeParse(body).success).toBe(false);
  });
});
