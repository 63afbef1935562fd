import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenerativeAI } from '@google/generative-ai';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimulators } from '../../../dev/simulators/server.ts';
import { setFault } from '../../support/simulators.ts';

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());
afterEach(() => control('POST', 'reset'));

async function control(method: string, path: string, body?: object) {
  const answer = await fetch(`${simulators.origin}/_control/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const openai = () => new OpenAI({ apiKey: 'any', baseURL: `${simulators.origin}/openai/v1`, maxRetries: 0 });
const anthropic = () =>
  new Anthropic({ apiKey: 'any', baseURL: `${simulators.origin}/anthropic`, maxRetries: 0 });
const gemini = () =>
  new GoogleGenerativeAI('any').getGenerativeModel(
    { model: 'm' },
    { baseUrl: `${simulators.origin}/google` },
  );

const messages = [{ role: 'user' as const, content: 'Why is the sky blue?' }];

/** What the same question answers in one piece: every stream must add up to it. */
async function wholeAnswer() {
  const whole = await openai().chat.completions.create({ model: 'm', messages });
  return { text: whole.choices[0]?.message.content, usage: whole.usage };
}

async function streamOpenAi(options: { include_usage: boolean }) {
  const chunks = [];
  const stream = await openai().chat.completions.create({
    model: 'm',
    messages,
    stream: true,
    stream_options: options,
  });
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function streamAnthropic() {
  const events = [];
  for await (const event of await anthropic().messages.create({
    model: 'm',
    messages,
    max_tokens: 500,
    stream: true,
  })) {
    events.push(event);
  }
  return events;
}

async function streamGoogle() {
  const chunks = [];
  const { stream, response } = await gemini().generateContentStream('Why is the sky blue?');
  // The SDK collects the answer a second time, and that promise fails as well when the stream does.
  response.catch(() => null);
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const streams = {
  openai: () => streamOpenAi({ include_usage: true }),
  anthropic: streamAnthropic,
  google: streamGoogle,
};

describe('a stream of the simulated OpenAI', () => {
  it('adds up to the whole answer and ends with its usage, when that is asked for', async () => {
    const chunks = await streamOpenAi({ include_usage: true });
    const whole = await wholeAnswer();
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole.text);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  it('does not mention usage when it is not asked for', async () => {
    const chunks = await streamOpenAi({ include_usage: false });
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('a stream of the simulated Anthropic', () => {
  it('sends the events in their order and usage at both ends', async () => {
    const events = await streamAnthropic();
    const whole = await wholeAnswer();
    const order = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(order).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const texts = events.map((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '',
    );
    expect(texts.join('')).toBe(whole.text);
    expect(events[0]).toMatchObject({ message: { usage: { input_tokens: whole.usage?.prompt_tokens } } });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: whole.usage?.completion_tokens },
    });
  });
});

describe('a stream of the simulated Google', () => {
  it('carries usage on every chunk, the last one counting everything', async () => {
    const chunks = await streamGoogle();
    const whole = await wholeAnswer();
    expect(chunks.map((chunk) => chunk.text()).join('')).toBe(whole.text);
    expect(chunks.every(({ usageMetadata }) => usageMetadata !== undefined)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { candidatesTokenCount: whole.usage?.completion_tokens },
    });
  });
});

const parameters = {
  type: 'object' as const,
  properties: { place: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
  required: ['place', 'days'],
};
const wish = 'Please use get_weather';

describe('a tool, offered to the simulators by the official SDKs', () => {
  it('is called in the pieces that OpenAI sends, and its answer answered', async () => {
    const tool = { type: 'function' as const, function: { name: 'get_weather', parameters } };
    const asked = [{ role: 'user' as const, content: wish }];
    const runner = openai().chat.completions.stream({ model: 'm', messages: asked, tools: [tool] });
    const deltas: unknown[] = [];
    runner.on('tool_calls.function.arguments.delta', ({ arguments_delta }) => deltas.push(arguments_delta));
    const message = await runner.finalMessage();
    expect(deltas.length).toBeGreaterThan(1);
    expect((await runner.finalChatCompletion()).choices[0]?.finish_reason).toBe('tool_calls');
    const [call] = message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('No function was called');
    expect(JSON.parse(call.function.arguments)).toEqual({ place: 'simulated', days: 2 });
    const answered = { role: 'tool' as const, tool_call_id: call.id, content: 'Sunny' };
    const final = await openai().chat.completions.create({
      model: 'm',
      messages: [...asked, message, answered],
      tools: [tool],
    });
    expect(final.choices[0]?.message.content).toContain('The tool answered: “Sunny”');
  });

  it('is called in the events that Anthropic sends, and its answer answered', async () => {
    const tool = { name: 'get_weather', input_schema: parameters };
    const asked = [{ role: 'user' as const, content: wish }];
    const common = { model: 'm', max_tokens: 500, tools: [tool] };
    const order: string[] = [];
    const runner = anthropic().messages.stream({ ...common, messages: asked });
    runner.on('streamEvent', (event) => {
      const name = event.type === 'content_block_delta' ? event.delta.type : event.type;
      if (order.at(-1) !== name) order.push(name);
    });
    const message = await runner.finalMessage();
    expect(order).toEqual([
      'message_start',
      'content_block_start',
      'input_json_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(message.stop_reason).toBe('tool_use');
    const call = message.content.find((block) => block.type === 'tool_use');
    expect(call?.input).toEqual({ place: 'simulated', days: 2 });
    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'Sunny' };
    const final = await anthropic().messages.create({
      ...common,
      messages: [
        ...asked,
        { role: 'assistant', content: message.content },
        { role: 'user', content: [result] },
      ],
    });
    expect(final.content).toMatchObject([{ text: expect.stringContaining('The tool answered: “Sunny”') }]);
  });

  it('is called whole by Google, and its answer answered', async () => {
    const request = {
      tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: parameters }] }],
      contents: [{ role: 'user', parts: [{ text: wish }] }],
    };
    const { stream, response } = await gemini().generateContentStream(request);
    for await (const chunk of stream) expect(chunk.functionCalls()).toHaveLength(1);
    const content = (await response).candidates?.[0]?.content;
    expect((await response).functionCalls()).toEqual([
      { name: 'get_weather', args: { place: 'simulated', days: 2 } },
    ]);
    const functionResponse = { name: 'get_weather', response: { sky: 'Sunny' } };
    const signed = (content?.parts ?? []).map((part) => ({ ...part, thoughtSignature: 's' }));
    const final = await gemini().generateContent({
      ...request,
      contents: [
        ...request.contents,
        { role: 'model', parts: signed },
        { role: 'user', parts: [{ functionResponse }] },
      ],
    });
    expect(final.response.text()).toContain('The tool answered: “{"sky":"Sunny"}”');
  });

  it('has its answer refused when nothing called it, as the providers do', async () => {
    const stray = { role: 'tool' as const, tool_call_id: 'nobody', content: 'Sunny' };
    await expect(
      openai().chat.completions.create({ model: 'm', messages: [...messages, stray] }),
    ).rejects.toMatchObject({ status: 400 });
    const result = { type: 'tool_result' as const, tool_use_id: 'nobody', content: 'Sunny' };
    await expect(
      anthropic().messages.create({
        model: 'm',
        max_tokens: 5,
        messages: [{ role: 'user', content: [result] }],
      }),
    ).rejects.toMatchObject({ status: 400 });
    const part = { functionResponse: { name: 'nobody', response: {} } };
    await expect(
      gemini().generateContent({ contents: [{ role: 'user', parts: [part] }] }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe.each(['openai', 'anthropic', 'google'] as const)(
  'a broken stream of the simulated %s',
  (provider) => {
    it.each(['reset_mid_stream', 'malformed_sse'])('fails its reader at %s', async (mode) => {
      await control('PUT', 'faults', { provider, mode });
      await expect(streams[provider]()).rejects.toThrow();
    });

    it.each(['error_first', 'error_mid_stream'])('tells its reader of the error at %s', async (mode) => {
      await control('PUT', 'faults', { provider, mode });
      // Google's SDK hands the error on as if it were a chunk; the others throw it.
      const told = await streams[provider]().catch((error: unknown) => [error]);
      const { message, error } = Object(told.at(-1));
      expect(message ?? error.message).toMatch(/overloaded|had an error/i);
    });

    it('says nothing of usage at missing_usage', async () => {
      await control('PUT', 'faults', { provider, mode: 'missing_usage' });
      const sent = JSON.stringify(await streams[provider]());
      expect(sent).not.toMatch(/_tokens"|TokenCount"/);
    });
  },
);

describe('the control endpoint', () => {
  it('breaks one provider for the next requests only, and leaves the others alone', async () => {
    const change = { provider: 'openai', mode: 'server_error', remaining: 2 };
    expect(await control('PUT', 'faults', change)).toMatchObject({
      status: 200,
      body: { openai: { mode: 'server_error', remaining: 2 }, google: { mode: 'none' } },
    });
    await expect(wholeAnswer()).rejects.toMatchObject({ status: 500 });
    expect((await gemini().generateContent('Hello')).response.text()).toContain('Hello');
    await expect(wholeAnswer()).rejects.toMatchObject({ status: 500 });
    expect((await wholeAnswer()).text).toContain('sky');
  });

  it('counts and lists what arrived, without showing keys or texts', async () => {
    await wholeAnswer();
    await anthropic().messages.create({ model: 'claude', messages, max_tokens: 7 });
    const { body } = await control('GET', 'requests');
    expect(body).toMatchObject({
      total: 2,
      by_provider: { openai: 1, anthropic: 1, google: 0 },
      requests: [
        { provider: 'openai', path: '/openai/v1/chat/completions', model: 'm', stream: false, fault: 'none' },
        { provider: 'anthropic', path: '/anthropic/v1/messages', model: 'claude', max_output_tokens: 7 },
      ],
    });
    expect(JSON.stringify(body)).not.toMatch(/sky|"any"/);
  });

  it('forgets faults and requests on reset', async () => {
    await control('PUT', 'faults', { provider: 'all', mode: 'server_error' });
    await expect(wholeAnswer()).rejects.toThrow();
    await control('POST', 'reset');
    expect((await control('GET', 'faults')).body).toMatchObject({ openai: { mode: 'none' } });
    expect((await control('GET', 'requests')).body).toMatchObject({ total: 0, requests: [] });
  });

  it.each([{}, { provider: 'openai', mode: 'explode' }, { provider: 'all', mode: 'none', remaining: 0 }])(
    'refuses %j and says why',
    async (change) => {
      const answer = await control('PUT', 'faults', change);
      expect(answer.status).toBe(400);
      expect(answer.body).toHaveProperty('error');
    },
  );
});

describe('the simulators', () => {
  it('say on every answer that they are simulators', async () => {
    const paths = ['/openai/v1/models', '/_control/faults', '/nothing'];
    const answers = await Promise.all(paths.map((path) => fetch(`${simulators.origin}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([401, 200, 404]);
    expect(answers.every(({ headers }) => headers.get('x-simulated') === 'true')).toBe(true);
    expect((await wholeAnswer()).text).toContain('simulated');
  });

  it('list models to a caller with a key', async () => {
    const models = await openai().models.list();
    expect(models.data.length).toBeGreaterThan(0);
  });

  it('refuse what the official OpenAI refuses: both names of the output limit at once', async () => {
    const both = { model: 'm', messages, max_tokens: 5, max_completion_tokens: 5 };
    await expect(openai().chat.completions.create(both)).rejects.toMatchObject({ status: 400 });
  });

  it('fail for one key alone when told so, as often as told', async () => {
    const own = await startSimulators();
    const ask = async (key: string) => {
      const answer = await fetch(`${own.origin}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: 'm', messages }),
      });
      return answer.status;
    };
    await setFault(own.origin, 'openai', 'rate_limited');
    await setFault(own.origin, 'openai', 'server_error', { key: 'one', remaining: 1 });
    expect([await ask('one'), await ask('one'), await ask('other')]).toEqual([500, 200, 429]);
    await own.stop();
  });

  it('stop at once, also while a request hangs', async () => {
    const own = await startSimulators();
    await fetch(`${own.origin}/_control/faults`, {
      method: 'PUT',
      body: JSON.stringify({ provider: 'all', mode: 'hang' }),
    });
    const hanging = fetch(`${own.origin}/google/v1beta/models/m:generateContent?key=k`, {
      method: 'POST',
      body: '{}',
    });
    const ended = expect(hanging).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await own.stop();
    await ended;
  });
});
