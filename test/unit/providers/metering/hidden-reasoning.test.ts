import { describe, expect, it } from 'vitest';
import { hidesReasoning, tokensThoughtIn } from '../../../../worker/providers/metering/hidden-reasoning.ts';

describe('a model that hides what it thinks', () => {
  it.each([
    ['openai', 'o3', {}],
    ['openai', 'openai/gpt-5', {}],
    ['openai', 'gpt-5.4-mini', { reasoning: { effort: 'high' } }],
    ['openai', 'x-ai/grok-4', {}],
    ['openai', 'some-model', { extra: { reasoning: { exclude: true } } }],
    ['openai', 'some-model', { extra: { include_reasoning: false } }],
    ['openai', 'some-model', { extra: { reasoning_format: 'hidden' } }],
    ['google', 'gemini-3.5-flash', {}],
    ['anthropic', 'claude-sonnet-4-5', { reasoning: { effort: 'low' } }],
  ] as const)('is known: %s %s %o', (kind, model, chat) => {
    expect(hidesReasoning(kind, model, chat as object)).toBe(true);
  });

  it.each([
    ['openai', 'gpt-4.1', {}],
    ['openai', 'gpt-5.4-mini', {}],
    ['openai', 'gpt-5', { reasoning: { effort: 'none' } }],
    ['openai', 'grok-4-fast-non-reasoning', {}],
    ['openai', 'some-model', { extra: { reasoning: { exclude: false }, include_reasoning: true } }],
    ['anthropic', 'claude-sonnet-4-5', {}],
  ] as const)('is told from others: %s %s %o', (kind, model, chat) => {
    expect(hidesReasoning(kind, model, chat as object)).toBe(false);
  });
});

describe('the tokens thought in a time', () => {
  it('begin after two seconds, and are 50 a second', () => {
    expect([0, 2_000, 3_000, 62_000].map(tokensThoughtIn)).toEqual([0, 0, 50, 3_000]);
  });
});
