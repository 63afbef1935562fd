import { describe, expect, it } from 'vitest';
import { generateContentRequest } from '../../../../contracts/v1beta/generate-content-request.ts';
import { translateContent } from '../../../../worker/surfaces/google/request.ts';
import { thoughtSignatureOf } from '../../../../worker/surfaces/google/signatures.ts';

const hello = [{ role: 'user', parts: [{ text: 'Hi' }] }];
const parse = (fields: object) => generateContentRequest.safeParse({ contents: hello, ...fields });

function translated(fields: object) {
  const parsed = parse(fields);
  if (!parsed.success) throw new Error(parsed.error.message);
  return translateContent('auto', parsed.data);
}
function chatOf(fields: object) {
  const read = translated(fields);
  if ('refused' in read) throw new Error(read.refused.message);
  return read.request.chat;
}
const messagesOf = (contents: unknown, fields: object = {}) => chatOf({ contents, ...fields }).messages;
const configured = (generationConfig: object) => chatOf({ generationConfig });
const fieldOf = (fields: object) => parse(fields).error?.issues.map(({ path }) => path.join('.'));

const text = (said: string) => ({ type: 'text', text: said });
const PNG = 'iVBORw0KGgo=';

describe('the contents of a request', () => {
  it('are messages, after the instructions', () => {
    const contents = [...hello, { role: 'model', parts: [{ text: 'Hello' }] }, { parts: [{ text: 'And?' }] }];
    const expected = [
      { role: 'system', content: [text('Be brief.')] },
      { role: 'user', content: [text('Hi')] },
      { role: 'assistant', content: [text('Hello')] },
      { role: 'user', content: [text('And?')] },
    ];
    for (const systemInstruction of [
      'Be brief.',
      { text: 'Be brief.' },
      { parts: [{ text: 'Be brief.' }] },
      { role: 'system', parts: { text: 'Be brief.' } },
    ])
      expect(messagesOf(contents, { systemInstruction })).toEqual(expected);
  });

  it('can have names with underscores, and one value in place of a list, as in the examples of the API', () => {
    const body = {
      contents: { parts: [{ text: 'Look' }, { inline_data: { mime_type: 'image/png', data: PNG } }] },
      system_instruction: { parts: { text: 'Be brief.' } },
      generation_config: { max_output_tokens: 7, stop_sequences: ['x'] },
      tools: { function_declarations: { name: 'look_up', parameters: { type: 'OBJECT' } } },
    };
    const parsed = generateContentRequest.parse(body);
    const read = translateContent('auto', parsed);
    expect(read).toMatchObject({
      request: {
        max_output_tokens: 7,
        chat: {
          messages: [
            { role: 'system', content: [text('Be brief.')] },
            { role: 'user', content: [text('Look'), { type: 'image' }] },
          ],
          stop: ['x'],
          tools: [{ name: 'look_up', parameters: { type: 'object' } }],
        },
      },
    });
  });

  it('leave the names within arguments, results and schemas as they are', () => {
    const args = { some_name: { inner_name: 1 } };
    const [, called, result] = messagesOf([
      ...hello,
      { role: 'model', parts: [{ functionCall: { name: 'f', args } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: args } }] },
    ]);
    expect(called).toMatchObject({ tool_calls: [{ arguments: JSON.stringify(args) }] });
    expect(result).toMatchObject({ role: 'tool', content: [text(JSON.stringify(args))] });
  });

  it('are images and PDFs by their bytes or their URL', () => {
    const [message] = messagesOf([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/jpg', data: PNG } },
          { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
          { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
        ],
      },
    ]);
    expect(message?.content).toEqual([
      { type: 'image', source: { kind: 'base64', media_type: 'image/jpeg', data: PNG } },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      { type: 'document', source: { kind: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
    ]);
  });

  it('match results to calls by their ids, or by name in order', () => {
    const call = (city: string, id?: string) => ({ functionCall: { name: 'weather', args: { city }, id } });
    const result = (told: string, id?: string) => ({
      functionResponse: { name: 'weather', response: { told }, id },
    });
    const ids = (contents: unknown) =>
      messagesOf(contents).flatMap((message) =>
        message.role === 'tool' ? [[message.tool_call_id, message.content[0]]] : [],
      );
    const unnamed = [
      ...hello,
      { role: 'model', parts: [call('Oslo'), call('Bergen')] },
      { role: 'function', parts: [result('Rain'), result('Sun')] },
    ];
    expect(ids(unnamed)).toEqual([
      ['call_0', text('{"told":"Rain"}')],
      ['call_1', text('{"told":"Sun"}')],
    ]);
    const named = [
      ...hello,
      { role: 'model', parts: [call('Oslo', 'a'), call('Bergen', 'b')] },
      { role: 'user', parts: [result('Sun', 'b'), result('Rain', 'a'), { text: 'And now?' }] },
    ];
    expect(ids(named).map(([id]) => id)).toEqual(['b', 'a']);
  });

  it('without a call for a result are refused by the place of the result', () => {
    const contents = [...hello, { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] }];
    expect(translated({ contents })).toMatchObject({
      refused: { field: 'contents.1.parts.0.functionResponse', rule: 'no_call' },
    });
  });

  it('that say nothing are refused', () => {
    expect(translated({ contents: [{ role: 'user', parts: [{ text: '' }] }] })).toMatchObject({
      refused: { field: 'contents' },
    });
  });

  it("carry Google's signatures with their calls and texts, and those of other providers with their thoughts", () => {
    const thoughtSignature = thoughtSignatureOf({ signature: 'of Anthropic' });
    const [, said] = messagesOf([
      ...hello,
      {
        role: 'model',
        parts: [
          { text: 'Let me see.', thought: true, thoughtSignature },
          { text: 'I look.', thoughtSignature: 'R29vZ2xl' },
          { functionCall: { name: 'look', args: {} }, thoughtSignature: 'c2lnbmVk' },
        ],
      },
    ]);
    expect(said).toEqual({
      role: 'assistant',
      content: [text('I look.')],
      reasoning: [{ text: 'Let me see.', signature: 'of Anthropic' }],
      tool_calls: [
        {
          ...{ id: 'call_0', name: 'look', arguments: '{}' },
          extra_content: { google: { thought_signature: 'c2lnbmVk' } },
        },
      ],
      extra_content: { google: { thought_signature: 'R29vZ2xl' } },
    });
  });
});

describe('the settings of a request', () => {
  it('have a counterpart each', () => {
    const config = {
      ...{ temperature: 0.5, topP: 0.9, topK: 40.0, maxOutputTokens: 100, stopSequences: ['END'], seed: 7 },
      ...{ presencePenalty: 0.1, frequencyPenalty: 0.2, candidateCount: 1, responseMimeType: 'text/plain' },
    };
    expect(configured(config)).toMatchObject({
      ...{ temperature: 0.5, top_p: 0.9, top_k: 40, stop: ['END'] },
      extra: { seed: 7, presence_penalty: 0.1, frequency_penalty: 0.2 },
    });
  });

  it.each([
    [{ thinkingBudget: 0 }, { effort: 'none' }],
    [{ thinkingBudget: -1, includeThoughts: true }, {}],
    [{ thinkingBudget: 2_048 }, { mode: 'enabled', budget_tokens: 2_048 }],
    [{ thinkingLevel: 'LOW' }, { effort: 'low' }],
    [{ thinkingLevel: 'high' }, { effort: 'high' }],
    [{ includeThoughts: true }, {}],
  ])('ask for the thinking of %j', (thinkingConfig, reasoning) => {
    expect(configured({ thinkingConfig }).reasoning).toEqual(reasoning);
  });

  it("turn Google's schemas into JSON Schemas", () => {
    const responseSchema = {
      type: 'OBJECT',
      propertyOrdering: ['name'],
      required: ['name'],
      properties: {
        name: { type: 'STRING', nullable: true },
        kind: { type: 'STRING', format: 'enum', enum: ['a', 'b'] },
        tags: { type: 'ARRAY', minItems: '1', items: { type: 'STRING' } },
        either: { any_of: [{ type: 'INTEGER' }, { type: 'BOOLEAN' }] },
      },
    };
    const schema = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: ['string', 'null'] },
        kind: { type: 'string', enum: ['a', 'b'] },
        tags: { type: 'array', minItems: 1, items: { type: 'string' } },
        either: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
      },
    };
    const responseMimeType = 'application/json';
    const expected = { type: 'json_schema', name: 'answer', schema };
    expect(configured({ responseMimeType, responseSchema }).response_format).toEqual(expected);
    expect(configured({ responseMimeType, responseJsonSchema: schema }).response_format).toEqual(expected);
    expect(configured({ responseMimeType }).response_format).toEqual({ type: 'json_object' });
  });

  it.each([
    [{ mode: 'AUTO' }, 'auto', 2],
    [{ mode: 'VALIDATED' }, 'auto', 2],
    [{ mode: 'NONE' }, 'none', 2],
    [{ mode: 'ANY' }, 'required', 2],
    [{ mode: 'ANY', allowedFunctionNames: ['b'] }, { name: 'b' }, 2],
    [{ mode: 'ANY', allowedFunctionNames: ['a', 'b'] }, 'required', 2],
    [{ mode: 'MODE_UNSPECIFIED' }, undefined, 2],
  ])('choose among the functions by %j', (functionCallingConfig, tool_choice, count) => {
    const tools = [
      { functionDeclarations: [{ name: 'a', description: 'A' }] },
      { functionDeclarations: [{ name: 'b' }] },
    ];
    const chat = chatOf({ tools, toolConfig: { functionCallingConfig } });
    expect(chat.tool_choice).toEqual(tool_choice);
    expect(chat.tools).toHaveLength(count);
    expect(chat.tools?.[0]).toEqual({
      name: 'a',
      description: 'A',
      parameters: { type: 'object', properties: {} },
    });
  });
});

describe('a request is refused by the name of a field', () => {
  it.each([
    ['tools.0.googleSearch', { tools: [{ googleSearch: {} }] }],
    ['tools.0.codeExecution', { tools: [{ code_execution: {} }] }],
    ['cachedContent', { cachedContent: 'cachedContents/1' }],
    ['generationConfig.candidateCount', { generationConfig: { candidateCount: 2 } }],
    ['generationConfig.responseModalities', { generationConfig: { responseModalities: ['IMAGE'] } }],
    ['generationConfig.responseMimeType', { generationConfig: { responseMimeType: 'text/x.enum' } }],
    ['generationConfig.responseMimeType', { generationConfig: { responseSchema: { type: 'STRING' } } }],
    ['generationConfig.responseLogprobs', { generationConfig: { responseLogprobs: true } }],
    [
      'contents.0.parts.0.inlineData.mimeType',
      { contents: [{ parts: [{ inlineData: { mimeType: 'video/mp4', data: '' } }] }] },
    ],
    [
      'contents.0.parts.0.fileData.fileUri',
      {
        contents: [
          {
            parts: [
              {
                fileData: {
                  mimeType: 'image/png',
                  fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x',
                },
              },
            ],
          },
        ],
      },
    ],
    [
      'contents.0.parts.0.executableCode',
      { contents: [{ parts: [{ executableCode: { code: '1' }, text: 'x' }] }] },
    ],
    ['contents.0.parts.0', { contents: [{ parts: [{}] }] }],
  ])('%s', (field, fields) => {
    expect(fieldOf(fields)).toEqual([field]);
  });

  it('and null is the same as left out', () => {
    const nothing = { systemInstruction: null, tools: null, toolConfig: null, safetySettings: null };
    expect(chatOf({ ...nothing, cachedContent: null, generationConfig: null })).toEqual(chatOf({}));
    const config = { temperature: null, topK: null, maxOutputTokens: null, thinkingConfig: null };
    expect(configured({ ...config, candidateCount: null, responseSchema: null })).toEqual(chatOf({}));
  });
});
