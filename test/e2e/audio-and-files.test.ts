import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Recordings and files in prompts, by the official SDKs. Simulated providers say what they were sent. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const ORIGIN = `http://${HOST}:${stack.port}`;
const PDF = 'JVBERi0xLjQK';
/** The head of a WAV file. */
const WAV = btoa('RIFF$\0\0\0WAVEfmt ');

let user: Client;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  user = await registerSomebody(stack.port, HOST);
  // A recording holds the whole window of a model.
  await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), user, 50_000_000);
  const made = await user.post('/api/api-keys', { name: 'sdk', scopes: ['executions:write'] });
  const apiKey = made.body.secret;
  openai = new OpenAI({ apiKey, baseURL: `${ORIGIN}/v1`, fetch: hostFetch, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey, baseURL: ORIGIN, fetch: hostFetch, maxRetries: 0 });
});

type Part = OpenAI.ChatCompletionContentPart;

const ask = (model: string, part: Part) =>
  openai.chat.completions
    .create({
      model,
      max_completion_tokens: 500,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }],
    })
    .withResponse();
const recording: Part = { type: 'input_audio', input_audio: { data: WAV, format: 'wav' } };

describe('a recording', () => {
  it.each([
    ['gpt-5.4-mini', 100],
    ['gemini-3.5-flash-lite', 320],
  ])('reaches %s and is charged as audio', async (model, tokens) => {
    const { data, response } = await ask(model, recording);
    expect(data.choices[0]?.message.content).toContain('a recording');
    expect(data.usage?.prompt_tokens_details?.audio_tokens).toBe(tokens);
    const { usage, tokens_charged, tokens_reserved } = await eventually(
      async () => (await user.get(`/api/ai/executions/${response.headers.get('x-execution-id')}`)).body,
      (receipt) => receipt.usage !== null && typeof receipt.tokens_released === 'number',
    );
    expect(usage.input_audio_tokens).toBe(tokens);
    expect(tokens_charged).toBeGreaterThan(tokens);
    expect(tokens_reserved).toBeGreaterThanOrEqual(tokens_charged);
  });

  it('is refused by name where the provider takes none', async () => {
    await expect(ask('claude-haiku-4-5', recording)).rejects.toMatchObject({
      status: 400,
      param: 'model',
      message: expect.stringContaining('takes no audio'),
    });
  });

  it('is heard through the Responses API', async () => {
    const content = [
      { type: 'input_text', text: 'What is this?' },
      { type: 'input_audio', input_audio: { data: WAV, format: 'wav' } },
    ];
    const answer = await openai.responses.create({
      model: 'gpt-5.4-mini',
      max_output_tokens: 500,
      input: [{ role: 'user', content }] as never,
    });
    expect(answer.output_text).toContain('a recording');
  });
});

describe.each(['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'])('on %s', (model) => {
  it('a PDF and a text are read from files', async () => {
    const pdf: Part = {
      type: 'file',
      file: {
        filename: 'a.pdf',
        file_data: `data:Application/PDF;base64,${PDF.slice(0, 5)}\n${PDF.slice(5)}`,
      },
    };
    expect((await ask(model, pdf)).data.choices[0]?.message.content).toContain('a document');
    const text = { filename: 'a.csv', file_data: `data:text/csv;base64,${btoa('city;rain')}` };
    expect((await ask(model, { type: 'file', file: text })).data.choices[0]?.message.content).toContain(
      'city;rain',
    );
  });

  it('documents of Anthropic’s API are read: PDFs, texts and blocks', async () => {
    const sources: Anthropic.DocumentBlockParam['source'][] = [
      { type: 'base64', media_type: 'application/pdf', data: PDF },
      { type: 'text', media_type: 'text/plain', data: 'Once upon a time' },
      { type: 'content', content: [{ type: 'text', text: 'The end' }] },
    ];
    const { content } = await anthropic.messages.create({
      model,
      max_tokens: 500,
      messages: [{ role: 'user', content: sources.map((source) => ({ type: 'document' as const, source })) }],
    });
    const said = JSON.stringify(content);
    for (const part of ['a document', 'Once upon a time', 'The end']) expect(said).toContain(part);
  });
});
