import { describe, expect, it } from 'vitest';
import {
  estimateInputTokens,
  estimateOutputTokens,
  estimateTokens,
} from '../../../../worker/providers/metering/token-estimate.ts';
import { texts } from './texts.ts';

describe('the estimate of a text', () => {
  it.each(texts)(
    'of $name is at most a fifth above what o200k_base counts, and hardly below',
    ({ text, tokens }) => {
      const ratio = estimateTokens(text) / tokens;
      expect(ratio).toBeGreaterThanOrEqual(0.97);
      expect(ratio).toBeLessThanOrEqual(1.2);
    },
  );

  it.each([
    ['random letters', 'xkqzjvwpfhgtrbnm sdfghjklqwrtzpvb', 12],
    ['base64', 'TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu', 15],
    ['digits', '9'.repeat(300), 100],
    ['emoji', '😀🎉🚀', 6],
  ])('of %s is not taken for prose', (_, text, least) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(least);
  });

  it('of nothing is nothing', () => {
    expect(estimateTokens('')).toBe(0);
  });

  it('of a long text takes a time in proportion', () => {
    expect(estimateTokens('a'.repeat(1_000_000))).toBeGreaterThan(200_000);
  });
});

describe('the estimate of a call', () => {
  const request = { model: 'm', max_output_tokens: 10, messages: [] };

  it('counts messages, calls, reasoning and tools', () => {
    const user = {
      role: 'user' as const,
      content: [{ type: 'text' as const, text: 'What is the weather?' }],
    };
    const alone = estimateInputTokens('openai', { ...request, messages: [user] });
    expect(alone).toBe(4 + 6);
    const assistant = {
      role: 'assistant' as const,
      content: [],
      reasoning: [{ text: 'The user asks for the weather', encrypted: 'x'.repeat(40) }],
      tool_calls: [{ id: 'c', name: 'get', arguments: '{"city":"Paris"}' }],
    };
    expect(estimateInputTokens('openai', { ...request, messages: [user, assistant] })).toBeGreaterThan(
      alone + 10 + 6 + 10,
    );
    const tools = [{ name: 'get', parameters: { type: 'object' } }];
    expect(estimateInputTokens('openai', { ...request, messages: [user], tools })).toBeGreaterThan(
      alone + 12,
    );
  });

  it('counts an answer with the reasoning that was shown', () => {
    const answer = { text: 'Sunny today', tool_calls: [], finish_reason: 'stop' as const, usage: null };
    expect(estimateOutputTokens(answer)).toBe(2);
    expect(estimateOutputTokens({ ...answer, reasoning: [{ text: 'It is warm' }] })).toBe(5);
  });
});
