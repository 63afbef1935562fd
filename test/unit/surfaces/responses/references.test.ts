import { describe, expect, it } from 'vitest';
import { responsesRequest } from '../../../../contracts/v1/responses-request.ts';
import { keptOf } from '../../../../worker/surfaces/responses/kept.ts';
import {
  executionOfItem,
  type KeptResponse,
  referredExecutions,
  withReferredItems,
} from '../../../../worker/surfaces/responses/references.ts';
import { translateResponses } from '../../../../worker/surfaces/responses/request.ts';

const id = '01900000-0000-7000-8000-000000000001';
const parse = (fields: object) => responsesRequest.parse({ model: 'auto', input: 'Hi', ...fields });
const reference = (item: string) => ({ type: 'item_reference', id: item });

const kept = (response = keptOf(parse({}))): KeptResponse => ({
  input: { ...response, chat: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } },
  output: {
    ...{ background: null, attempts: [], settlement: null },
    answer: {
      text: 'I look.',
      tool_calls: [{ id: 'c1', name: 'look', arguments: '{}' }],
      reasoning: [{ text: 'Look.', signature: 'signed' }],
    },
  },
});

describe('a reference to an item of a kept response', () => {
  it('names the execution in its id', () => {
    expect(executionOfItem(`msg_${id}_1`)).toBe(id);
    expect(executionOfItem(`ctc_${id.toUpperCase()}_12`)).toBe(id);
    for (const other of ['msg_1', `xx_${id}_1`, `msg_${id}`, id]) expect(executionOfItem(other)).toBeNull();
  });

  it('is loaded once for all items of a response', () => {
    const { input } = parse({ input: [reference(`rs_${id}_0`), reference(`msg_${id}_1`), reference('x')] });
    expect(referredExecutions(input)).toEqual([id]);
  });

  it('is what the model said, with what its provider wants back', () => {
    const request = parse({
      input: [
        { role: 'user', content: 'Hi' },
        ...[`rs_${id}_0`, `msg_${id}_1`, `fc_${id}_2`].map(reference),
        { type: 'function_call_output', call_id: 'c1', output: 'Rain' },
      ],
    });
    const found = withReferredItems(request.input, new Map([[id, kept()]]));
    if ('missing' in found) throw new Error('An item is missing');
    expect(translateResponses({ ...request, ...found }).chat.messages[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'I look.' }],
      reasoning: [{ text: 'Look.', signature: 'signed' }],
      tool_calls: [{ id: 'c1', name: 'look', arguments: '{}' }],
    });
  });

  it('to nothing is found by its place', () => {
    const missing = (item: string, response: KeptResponse) => {
      const { input } = parse({ input: [{ role: 'user', content: 'Hi' }, reference(item)] });
      return withReferredItems(input, new Map([[id, response]]));
    };
    expect(missing(`msg_${id}_7`, kept())).toEqual({ missing: 1 });
    expect(missing(`fc_${id}_1`, kept())).toEqual({ missing: 1 });
    expect(missing(`msg_${id}_1`, kept({}))).toEqual({ missing: 1 });
  });
});
