import { describe, expect, it } from 'vitest';
import { endpointsOf, hintOf, methodsOf } from '../../../worker/http/endpoints.ts';
import { routingPath } from '../../../worker/http/routing-path.ts';

const endpoints = endpointsOf([
  { method: 'post', path: '/v1/chat/completions' },
  { method: 'get', path: '/v1/models' },
  { method: 'get', path: '/v1/models/{model}' },
  { method: 'post', path: '/v1beta/models/{model}/generateContent' },
  { method: 'patch', path: '/api/users/{id}' },
  { method: 'get', path: '/api/users/{id}' },
]);

describe('a request that no route takes', () => {
  it.each([
    ['/v1/chat/completions', ['POST']],
    ['/api/users/7', ['GET', 'PATCH']],
    ['/api/users/', []],
    ['/v1/nothing', []],
  ])('at %s is told the methods %j', (path, methods) => {
    expect(methodsOf(endpoints, path)).toEqual(methods);
  });

  it.each([
    '/v1/v1/chat/completions',
    '/chat/completions',
    '/V1/Chat/Completions/',
    '//v1//chat/completions',
    '/openai/v1/chat/completions',
    '/api/v1/chat/completions',
  ])('at %s is told the endpoint that was meant', (path) => {
    expect(hintOf(endpoints, path)).toBe('Did you mean /v1/chat/completions?');
  });

  it.each([
    ['/responses', '/v1/responses'],
    ['/v1/v1/responses', '/v1/responses'],
    ['/messages', '/v1/messages'],
    ['/models', '/v1/models'],
    ['/v1/v1/models/acme', '/v1/models/{model}'],
    ['/models/acme:generateContent', '/v1beta/models/{model}:generateContent'],
    ['/v1beta/v1beta/models/acme:generateContent', '/v1beta/models/{model}:generateContent'],
  ])('at %s is told of %s', (path, meant) => {
    expect(hintOf(endpoints, path)).toBe(`Did you mean ${meant}?`);
  });

  it('is told of a slash too many, and else where the API is', () => {
    expect(hintOf(endpoints, '/api/users/7/')).toBe('Did you mean /api/users/{id}?');
    expect(hintOf(endpoints, '/v1/realtime')).toContain(
      '/v1/chat/completions, /v1/responses, /v1/messages, /v1/models',
    );
  });
});

describe('a model with a slash in its name', () => {
  it.each([
    ['/v1/models/acme/large', '/v1/models/acme%2Flarge'],
    ['/v1/models/acme%2Flarge', '/v1/models/acme%2Flarge'],
    ['/v1/models/plain', '/v1/models/plain'],
    ['/v1/models', '/v1/models'],
    ['/api/ai/models', '/api/ai/models'],
    ['/api/admin/model-names/acme/large', '/api/admin/model-names/acme%2Flarge'],
    ['/v1beta/models/acme/large', '/v1beta/models/acme%2Flarge'],
    ['/v1beta/models/acme/large:generateContent', '/v1beta/models/acme%2Flarge/generateContent'],
    ['/v1beta/models/acme%2Flarge:countTokens', '/v1beta/models/acme%2Flarge/countTokens'],
    ['/v1beta/models/acme:7b:streamGenerateContent', '/v1beta/models/acme:7b/streamGenerateContent'],
    ['/v1beta/models/acme%3AgenerateContent', '/v1beta/models/acme/generateContent'],
    ['/v1/models/acme:generateContent', '/v1beta/models/acme/generateContent'],
    ['/v1/models/acme:7b', '/v1/models/acme:7b'],
    ['/v1alpha/models/acme:countTokens', '/v1beta/models/acme/countTokens'],
    ['/v1beta/models/acme:7b', '/v1beta/models/acme:7b'],
  ])('at %s is routed as %s', (path, routed) => {
    expect(routingPath(new Request(`https://acme.test${path}?x=1`))).toBe(routed);
  });

  it('and an unknown method after it is no part of the name of a POST', () => {
    const asked = new Request('https://acme.test/v1beta/models/acme:embedText', { method: 'POST' });
    expect(routingPath(asked)).toBe('/v1beta/models/acme/embedText');
  });
});
