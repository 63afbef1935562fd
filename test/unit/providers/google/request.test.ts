import { describe, expect, it } from 'vitest';
import { generateContentParams, isModelName } from '../../../../worker/providers/google/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import { conversation, image, PIXEL, recipeFormat, say, timeTool, weatherTool } from '../wire-cases.ts';

const paramsOf = (changes: Partial<NeutralRequest>) => generateContentParams({ ...conversation, ...changes });

describe('a request in Google’s form', () => {
  it('has instructions apart, and turns that alternate', () => {
    expect(paramsOf({})).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'U1' }, { text: 'U2' }] },
        { role: 'model', parts: [{ text: 'A1' }] },
        { role: 'user', parts: [{ text: 'U3' }] },
      ],
      generationConfig: { maxOutputTokens: 64 },
      systemInstruction: { role: 'system', parts: [{ text: 'S1' }, { text: 'S2' }] },
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
          { functionCall: { name: 'get_weather', args: { place: 'Oslo' } }, ...signed },
          { functionCall: { name: 'get_time', args: {} }, ...signed },
          { functionCall: { name: 'get_time', args: {} }, ...signed },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'get_weather', response: { degrees: 21 } } },
          { functionResponse: { name: 'get_time', response: { result: 'noon' } } },
          { functionResponse: { name: 'get_time', response: { error: 'no clock' } } },
        ],
      },
    ]);
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
