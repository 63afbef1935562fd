import { describe, expect, it } from 'vitest';
import { type ResponsesRequest, responsesRequest } from '../../../../contracts/v1/responses-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
import { responseOf } from '../../../../worker/surfaces/responses/answer.ts';
import { refusedFieldOf, translateResponses } from '../../../../worker/surfaces/responses/request.ts';
import { withOwnTools } from '../../../../worker/surfaces/responses/tools.ts';
import { finishedExecution } from '../finished-execution.ts';

const requestOf = (fields: object): ResponsesRequest =>
  responsesRequest.parse({ model: 'auto', input: 'Hi', ...fields });
const chatOf = (fields: object) => translateResponses(requestOf(fields)).chat;
const namesOf = (fields: object) => chatOf(fields).tools?.map(({ name }) => name);

const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } };
const mail = { type: 'namespace', name: 'mail', description: 'Mail', tools: [{ ...look, name: 'send' }] };

describe('tools of a namespace', () => {
  it('are functions with both names, and are called by their own', () => {
    expect(namesOf({ tools: [look, mail] })).toEqual(['look', 'mail__send']);
    const execution = finishedExecution({
      output_text: '',
      tool_calls: [{ id: 'c1', name: 'mail__send', arguments: '{}' }],
    });
    const { output } = responseOf(execution, { request: requestOf({ tools: [mail] }), store: true });
    expect(output).toMatchObject([{ type: 'function_call', name: 'send', namespace: 'mail' }]);
  });

  it('are known again in the calls that a client sends back', () => {
    const input = [
      { role: 'user', content: 'Go' },
      { type: 'function_call', call_id: 'c1', name: 'send', namespace: 'mail', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'patch', namespace: 'code', input: 'x' },
    ];
    expect(chatOf({ input }).messages[1]).toMatchObject({
      tool_calls: [{ name: 'mail__send' }, { name: 'code__patch' }],
    });
  });

  it('are counted one by one', () => {
    const many = (name: string) => ({
      ...mail,
      name,
      tools: Array.from({ length: 100 }, (_, at) => ({ ...look, name: `tool_${at}` })),
    });
    expect(refusedFieldOf(requestOf({ tools: [many('a')] }))).toBeNull();
    expect(refusedFieldOf(requestOf({ tools: [many('a'), many('b')] }))).toMatchObject({ field: 'tools' });
  });

  it('are refused if both names together are too long', () => {
    const parsed = responsesRequest.safeParse({
      ...{ model: 'auto', input: 'Hi' },
      tools: [{ ...mail, name: 'n'.repeat(123) }],
    });
    expect(parsed.error?.issues[0]?.path).toEqual(['tools', 0, 'name']);
  });
});

describe('tools among the items of the input', () => {
  it('are offered once, with those of the request', () => {
    const input = [
      { type: 'additional_tools', role: 'developer', tools: [mail, { type: 'web_search' }] },
      { role: 'user', content: 'Hi' },
      { type: 'additional_tools', role: 'developer', tools: [mail] },
    ];
    expect(namesOf({ tools: [look], input })).toEqual(['look', 'mail__send']);
    expect(chatOf({ input }).messages).toHaveLength(1);
  });
});

describe('tools that only OpenAI has', () => {
  it.each(['web_search', 'tool_search', 'image_generation', 'local_shell'])(
    '%s is passed over, and not among the tools of the response',
    (type) => {
      const request = requestOf({ tools: [{ type }, look], tool_choice: 'auto' });
      expect(translateResponses(request).chat.tools).toHaveLength(1);
      expect(withOwnTools(request).tools).toEqual([look]);
    },
  );

  it('alone leave no choice to tell', () => {
    const chat = chatOf({ tools: [{ type: 'web_search' }], tool_choice: 'auto' });
    expect([chat.tools, chat.tool_choice]).toEqual([undefined, undefined]);
  });

  it('are refused by name if they are forced', () => {
    const issuesOf = (tool_choice: unknown) =>
      issuesWithin(
        responsesRequest.safeParse({ model: 'auto', input: 'Hi', tool_choice }).error?.issues ?? [],
      );
    expect(issuesOf({ type: 'web_search' })).toMatchObject([
      { path: ['tool_choice', 'type'], message: 'web_search is not supported' },
    ]);
    const tools = [{ type: 'web_search' }];
    const refused = { field: 'tool_choice', rule: 'unsupported', message: 'web_search is not supported' };
    expect(refusedFieldOf(requestOf({ tools, tool_choice: 'required' }))).toEqual(refused);
    const only = { type: 'allowed_tools', mode: 'required', tools };
    expect(refusedFieldOf(requestOf({ tools: [...tools, look], tool_choice: only }))).toEqual(refused);
    expect(refusedFieldOf(requestOf({ tools: [...tools, look], tool_choice: 'required' }))).toBeNull();
  });
});

describe('a choice of some tools', () => {
  const choose = (mode: string, ...allowed: object[]) =>
    chatOf({
      tools: [look, { ...look, name: 'other' }, mail],
      tool_choice: { type: 'allowed_tools', mode, tools: allowed },
    });

  it('leaves out the others, and has a mode', () => {
    const chat = choose('required', { type: 'function', name: 'look' });
    expect(chat.tools?.map(({ name }) => name)).toEqual(['look']);
    expect(chat.tool_choice).toBe('required');
  });

  it('names tools of a namespace, or all of them', () => {
    const names = (allowed: object) => choose('auto', allowed).tools?.map(({ name }) => name);
    expect(names({ type: 'function', name: 'send', namespace: 'mail' })).toEqual(['mail__send']);
    expect(names({ type: 'namespace', name: 'mail' })).toEqual(['mail__send']);
  });
});
