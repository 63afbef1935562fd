import { describe, expect, it } from 'vitest';
import { responsesRequest } from '../../../../contracts/v1/responses-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
import { refusedFieldOf, translateResponses } from '../../../../worker/surfaces/responses/request.ts';

const parse = (fields: object) => responsesRequest.safeParse({ model: 'auto', input: 'Hi', ...fields });
function translate(fields: object) {
  const parsed = parse(fields);
  if (!parsed.success) throw new Error(parsed.error.message);
  return translateResponses(parsed.data).chat;
}
const messagesOf = (input: unknown, fields: object = {}) => translate({ input, ...fields }).messages;
const issuesOf = (fields: object) =>
  (parse(fields).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the input of a response', () => {
  it('is a text, after the instructions', () => {
    expect(messagesOf('Hello', { instructions: 'Be brief.' })).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ]);
  });

  it('makes one message of what the model said and called in one turn', () => {
    const input = [
      { role: 'user', content: 'Weather?' },
      {
        ...{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Ask both.' }] },
        encrypted_content: 'v1.{"signature":"signed"}',
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call', call_id: 'c2', name: 'weather', arguments: '{"city":"Bergen"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'Rain' },
      { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'Sun' }] },
    ];
    expect(messagesOf(input)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'I look.' }],
        reasoning: [{ text: 'Ask both.', signature: 'signed' }],
        tool_calls: [
          { id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
          { id: 'c2', name: 'weather', arguments: '{"city":"Bergen"}' },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Rain' }] },
      { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'Sun' }] },
    ]);
  });

  it('keeps the order of a turn in which a call comes before a text', () => {
    const input = [
      { role: 'user', content: 'Go' },
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
      { role: 'assistant', content: 'Done' },
    ];
    expect(messagesOf(input)[1]).toMatchObject({
      order: [{ type: 'tool_call' }, { type: 'text', length: 4 }],
    });
  });

  it('passes over reasoning that another server encrypted', () => {
    const input = [
      { role: 'user', content: 'Go' },
      { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' },
      { role: 'assistant', content: 'Done' },
    ];
    expect(messagesOf(input)[1]).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'Done' }] });
  });

  it('has images and PDFs', () => {
    const image = 'data:image/png;base64,iVBORw0KGgo=';
    const content = [
      { type: 'input_image', image_url: image, detail: 'original' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
    ];
    expect(messagesOf([{ role: 'user', content }])[0]).toMatchObject({
      content: [
        { type: 'image', source: { kind: 'base64', media_type: 'image/png' }, detail: 'high' },
        { type: 'document', source: { kind: 'base64' }, title: 'a.pdf' },
      ],
    });
  });
});

describe('an item of the input', () => {
  const issuesOfItem = (item: object) => issuesWithin(parse({ input: [item] }).error?.issues ?? []);
  const named = (item: object) =>
    issuesOfItem(item).map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('of an unknown type is refused by the name of the type', () => {
    expect(named({ type: 'mcp_call', id: 'x' })).toEqual([
      'input.0.type: Items of type mcp_call are not supported',
    ]);
  });

  it('that lacks a field is refused by the name of the field', () => {
    expect(named({ type: 'function_call', call_id: 'c1', name: 'look' })[0]).toMatch(
      /^input\.0\.arguments: /,
    );
    expect(named({ content: 'Hi' })[0]).toMatch(/^input\.0\.role: /);
  });

  it('that means something to OpenAI alone is passed over, within the turn of a model', () => {
    const input = [
      { role: 'user', content: 'Go' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Search.' }] },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'tool_search_call', arguments: {} },
      { type: 'tool_search_output', tools: [] },
      { type: 'compaction', encrypted_content: 'x' },
      { role: 'assistant', content: 'Done' },
    ];
    expect(messagesOf(input)).toHaveLength(2);
  });

  it('is needed: an input without one is refused by name', () => {
    const refused = (input: unknown) => refusedFieldOf(responsesRequest.parse({ model: 'auto', input }));
    expect(refused([{ role: 'user', content: '' }])).toMatchObject({ field: 'input' });
    expect(refused([{ role: 'user', content: [] }])).toMatchObject({ field: 'input' });
    expect(refused([{ type: 'compaction' }])).toMatchObject({ field: 'input' });
    expect(refused([{ type: 'item_reference', id: 'msg_1' }])).toBeNull();
    expect(refused('Hi')).toBeNull();
  });
});

describe('the tools of a response', () => {
  it('are functions; one that takes a text is a function with one argument', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };
    const tools = [
      { type: 'function', name: 'look', parameters: null, strict: true },
      { type: 'custom', name: 'patch', description: 'Patches.', format },
    ];
    expect(translate({ tools, tool_choice: { type: 'custom', name: 'patch' } })).toMatchObject({
      tools: [
        { name: 'look', parameters: { type: 'object', properties: {} }, strict: true },
        {
          name: 'patch',
          description: 'Patches.\n\nThe text has to follow this grammar:\nstart: "a"',
          parameters: { required: ['input'] },
        },
      ],
      tool_choice: { name: 'patch' },
    });
  });

  it('of an unknown type are refused by name', () => {
    expect(issuesOf({ tools: [{ type: 'file_search' }] })).toEqual([
      'tools.0.type: file_search is not supported',
    ]);
  });
});

describe('a field without a counterpart', () => {
  it.each([
    ['conversation', 'conv_1'],
    ['prompt', { id: 'pmpt_1' }],
    ['max_tool_calls', 3],
    ['truncation', 'auto'],
    ['service_tier', 'priority'],
    ['top_logprobs', 2],
    ['context_management', [{ type: 'compaction' }]],
  ])('%s is refused by name, and taken as null', (field, value) => {
    expect(issuesOf({ [field]: value })[0]).toMatch(new RegExp(`^${field}: `));
    expect(issuesOf({ [field]: null })).toEqual([]);
  });

  it('that changes nothing is ignored', () => {
    expect(issuesOf({ include: ['x'], truncation: 'disabled', service_tier: 'auto' })).toEqual([]);
  });

  it('that OpenAI and compatible servers know is passed on', () => {
    const fields = { prompt_cache_key: 'k', prompt_cache_retention: '24h', safety_identifier: 's' };
    const sent = { ...fields, user: 'u', seed: 7, text: { verbosity: 'low' } };
    expect(translate(sent).extra).toEqual({ ...fields, user: 'u', seed: 7, verbosity: 'low' });
    expect(translate({ user: null })).not.toHaveProperty('extra');
  });
});
