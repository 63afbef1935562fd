import { describe, expect, it } from 'vitest';
import { generateContentParams, isModelName } from '../../../../worker/providers/google/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import {
  conversation,
  image,
  PIXEL,
  pdf,
  recipeFormat,
  recording,
  say,
  timeTool,
  weatherTool,
} from '../wire-cases.ts';

type Message = NeutralRequest['messages'][number];

const paramsOf = (changes: Partial<NeutralRequest>) => generateContentParams({ ...conversation, ...changes });

describe('a request in Google’s form', () => {
  it('has instructions apart, and turns that alternate', () => {
    expect(paramsOf({})).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'U1' }, { text: 'U2' }] },
        { role: 'model', parts: [{ text: 'A1' }] },
        { role: 'user', parts: [{ text: '<system>\nS2\n</system>' }, { text: 'U3' }] },
      ],
      generationConfig: { maxOutputTokens: 64 },
      systemInstruction: { role: 'system', parts: [{ text: 'S1' }] },
    });
  });

  it.each([
    ['gemini-3-pro', true],
    ['models/gemini-3-pro', true],
    ['tunedModels/acme.v2', true],
    ['../../v1/files', false],
    ['gemini:countTokens?x=', false],
    ['a/b/c', false],
    ['', false],
  ])('the model name %j is one it could have: %s', (model, possible) => {
    expect(isModelName(model)).toBe(possible);
  });

  it('leaves out empty text, which is refused', () => {
    const messages = say(['system', ''], ['user', 'a', ''], ['assistant', ''], ['user', 'b']);
    expect(paramsOf({ messages })).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'a' }] },
        { role: 'user', parts: [{ text: 'b' }] },
      ],
      generationConfig: { maxOutputTokens: 64 },
    });
  });

  it.each([
    [[image()], undefined],
    [[image('low'), image('high')], undefined],
    [[image('low'), image('low')], 'MEDIA_RESOLUTION_LOW'],
  ])('carries images as bytes, and asks once how closely to look', (content, mediaResolution) => {
    const params = paramsOf({ messages: [{ role: 'user', content }] });
    const part = { inlineData: { mimeType: 'image/png', data: PIXEL } };
    expect(params.contents).toEqual([{ role: 'user', parts: content.map(() => part) }]);
    expect(params.generationConfig).toEqual({
      maxOutputTokens: 64,
      ...(mediaResolution && { mediaResolution }),
    });
  });

  it('carries documents as bytes, their title and context before them', () => {
    const part = { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0xLjQK' } };
    const content = [pdf({ title: 'T', context: 'C' }), pdf()];
    expect(paramsOf({ messages: [{ role: 'user', content }] }).contents).toEqual([
      { role: 'user', parts: [{ text: 'T\n\nC' }, part, part] },
    ]);
  });

  it('carries calls of tools, and what they answered by the tools’ names', () => {
    const answered = (tool_call_id: string, text: string, is_error?: boolean) => ({
      role: 'tool' as const,
      tool_call_id,
      content: [{ type: 'text' as const, text }],
      ...(is_error !== undefined && { is_error }),
    });
    const messages: NeutralRequest['messages'] = [
      {
        role: 'assistant',
        content: [],
        tool_calls: [
          { id: 'a', name: 'get_weather', arguments: '{"place":"Oslo"}' },
          { id: 'b', name: 'get_time', arguments: '{}' },
          { id: 'c', name: 'get_time', arguments: '{}' },
        ],
      },
      answered('a', '{"degrees":21}'),
      answered('b', 'noon'),
      answered('c', 'no clock', true),
    ];
    const signed = { thoughtSignature: 'skip_thought_signature_validator' };
    expect(paramsOf({ messages }).contents).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'get_weather', args: { place: 'Oslo' } }, ...signed },
          { functionCall: { id: 'b', name: 'get_time', args: {} }, ...signed },
          { functionCall: { id: 'c', name: 'get_time', args: {} }, ...signed },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'get_weather', response: { degrees: 21 } } },
          { functionResponse: { id: 'b', name: 'get_time', response: { result: 'noon' } } },
          { functionResponse: { id: 'c', name: 'get_time', response: { error: 'no clock' } } },
        ],
      },
    ]);
  });

  it('puts results in the order of their calls, then their images, then what the user says', () => {
    const call = (id: string) => ({ id, name: 'look', arguments: '{}' });
    const result = (tool_call_id: string, content: Extract<Message, { role: 'tool' }>['content']) =>
      ({ role: 'tool', tool_call_id, content }) as const;
    const messages: NeutralRequest['messages'] = [
      { role: 'assistant', content: [], tool_calls: [call('paris'), call('rome')] },
      ...say(['user', 'Well?']),
      result('rome', [{ type: 'text', text: 'hot' }]),
      result('paris', [{ type: 'text', text: 'cold' }, image()]),
    ];
    expect(paramsOf({ messages }).contents[1]?.parts).toEqual([
      { functionResponse: { id: 'paris', name: 'look', response: { result: 'cold' } } },
      { functionResponse: { id: 'rome', name: 'look', response: { result: 'hot' } } },
      { inlineData: { mimeType: 'image/png', data: PIXEL } },
      { text: 'Well?' },
    ]);
  });

  it('sends signatures back where they were, and numbers that JavaScript cannot hold as they were', () => {
    const signedBy = (thought_signature: string) => ({ google: { thought_signature } });
    const messages: NeutralRequest['messages'] = [
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Hi' }],
        extra_content: signedBy('t'),
        tool_calls: [
          { id: 'a', name: 'f', arguments: '{"id":12345678901234567890}', extra_content: signedBy('s') },
          { id: 'b', name: 'f', arguments: '{}' },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: '12345678901234567890' }] },
    ];
    const { contents } = paramsOf({ messages });
    expect(contents[0]?.parts).toMatchObject([
      { text: 'Hi', thoughtSignature: 't' },
      { thoughtSignature: 's' },
      {},
    ]);
    expect(contents[0]?.parts[2]).not.toHaveProperty('thoughtSignature');
    expect(JSON.stringify(contents)).toContain('"args":{"id":12345678901234567890}');
    expect(contents[1]?.parts[0]).toMatchObject({
      functionResponse: { response: { result: '12345678901234567890' } },
    });
  });

  it('makes the user’s turn of instructions alone', () => {
    expect(paramsOf({ messages: say(['system', 'Say hello.'], ['user', '']) })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }],
      generationConfig: { maxOutputTokens: 64 },
    });
  });

  it.each([
    ['gemini-3-pro-preview', { effort: 'none' }, { thinkingLevel: 'LOW' }],
    ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-3.1-pro', { effort: 'medium' }, { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    ['gemini-3-flash', { effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }],
    ['gemini-3-flash', { effort: 'max' }, { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-flash-latest', { mode: 'adaptive' }, { includeThoughts: true }],
    [
      'gemini-3-flash',
      { mode: 'enabled', budget_tokens: 2_000 },
      { thinkingLevel: 'LOW', includeThoughts: true },
    ],
    ['models/gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-2.5-pro', { mode: 'disabled' }, { thinkingBudget: 128 }],
    ['gemini-2.5-flash', { effort: 'xhigh' }, { thinkingBudget: 24_576, includeThoughts: true }],
    ['gemini-2.5-pro', { budget_tokens: 3_000 }, { thinkingBudget: 3_000, includeThoughts: true }],
    ['gemini-2.0-flash', { effort: 'high' }, undefined],
    ['gemma-3-27b-it', { effort: 'high' }, undefined],
  ] as const)('asks %s for the reasoning %j as %j', (model, reasoning, thinkingConfig) => {
    expect(paramsOf({ model, reasoning }).generationConfig).toEqual({
      maxOutputTokens: 64,
      ...(thinkingConfig && { thinkingConfig }),
    });
  });

  it('carries what it has of OpenAI’s parameters', () => {
    const extra = { seed: 7, frequency_penalty: 0.5, presence_penalty: null, logit_bias: {} };
    expect(paramsOf({ extra, top_k: 40 }).generationConfig).toEqual({
      maxOutputTokens: 64,
      topK: 40,
      seed: 7,
      frequencyPenalty: 0.5,
    });
  });

  it('offers tools, with their schemas as they are', () => {
    const { name, description, parameters } = weatherTool;
    expect(paramsOf({ tools: [weatherTool, timeTool] })).toMatchObject({
      tools: [
        {
          functionDeclarations: [
            { name, description, parametersJsonSchema: parameters },
            { name: 'get_time', parametersJsonSchema: timeTool.parameters },
          ],
        },
      ],
    });
  });

  it.each([
    ['auto' as const, { mode: 'AUTO' }],
    ['none' as const, { mode: 'NONE' }],
    ['required' as const, { mode: 'ANY' }],
    [{ name: 'get_time' }, { mode: 'ANY', allowedFunctionNames: ['get_time'] }],
  ])('says the tool choice %j as %j', (tool_choice, functionCallingConfig) => {
    expect(paramsOf({ tools: [timeTool], tool_choice })).toMatchObject({
      toolConfig: { functionCallingConfig },
    });
    expect(paramsOf({ tool_choice })).not.toHaveProperty('toolConfig');
  });

  it('asks for JSON, of a schema or of none', () => {
    const config = (response_format: NeutralRequest['response_format'] & object) =>
      paramsOf({ response_format }).generationConfig;
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...recipeFormat.schema };
    expect(config({ ...recipeFormat, schema })).toEqual({
      maxOutputTokens: 64,
      responseMimeType: 'application/json',
      responseJsonSchema: recipeFormat.schema,
    });
    expect(config({ type: 'json_object' })).toEqual({
      maxOutputTokens: 64,
      responseMimeType: 'application/json',
    });
    expect(config({ type: 'text' })).toEqual({ maxOutputTokens: 64 });
  });

  it('carries the first five stops', () => {
    const stop = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(paramsOf({ stop }).generationConfig?.stopSequences).toEqual(stop.slice(0, 5));
  });

  it('carries recordings', () => {
    const messages: NeutralRequest['messages'] = [{ role: 'user', content: [recording()] }];
    expect(paramsOf({ messages }).contents[0]?.parts).toEqual([
      { inlineData: { mimeType: 'audio/mp3', data: 'aGk=' } },
    ]);
  });

  it('carries sampling and stops', () => {
    expect(paramsOf({ temperature: 0, top_p: 0.5, stop: ['a'] }).generationConfig).toEqual({
      maxOutputTokens: 64,
      temperature: 0,
      topP: 0.5,
      stopSequences: ['a'],
    });
  });

  it('says in the schema what a form of answer is for, unless the schema says so itself', () => {
    const format = { ...recipeFormat, description: 'For the cook' };
    const schemaOf = (schema: object) =>
      paramsOf({ response_format: { ...format, schema: { ...schema } } }).generationConfig;
    expect(schemaOf({})).toMatchObject({ responseJsonSchema: { description: 'For the cook' } });
    expect(schemaOf({ description: 'A dish' })).toMatchObject({
      responseJsonSchema: { description: 'A dish' },
    });
  });
});
