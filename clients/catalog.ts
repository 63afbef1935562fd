/** The clients of the matrix, their pinned packages, and features that are refused on purpose. */

export type Language = 'node' | 'python' | 'go';

export type Client = {
  name: string;
  language: Language;
  /** The program that runs the client's features, in the folder of its language. */
  program: string;
  /** Packages to install, with versions. */
  packages: string[];
};

const client = (name: string, language: Language, program: string, ...packages: string[]): Client => ({
  ...{ name, language, program, packages },
});

export const clients: Client[] = [
  client('OpenAI SDK for JS', 'node', 'openai.mjs', 'openai@6'),
  client('Anthropic SDK for JS', 'node', 'anthropic.mjs', '@anthropic-ai/sdk@1'),
  client('Google Gen AI SDK for JS', 'node', 'google-genai.mjs', '@google/genai@3.3.0'),
  client(
    ...(['AI SDK', 'node', 'ai-sdk.mjs', 'ai@7.0.173', '@ai-sdk/openai@4.0.118'] as const),
    '@ai-sdk/anthropic@4.0.105',
  ),
  client(
    ...(['LangChain for JS', 'node', 'langchain.mjs', '@langchain/core', '@langchain/openai@1.6.0'] as const),
    '@langchain/anthropic@1.5.11',
  ),
  client('OpenAI Agents for JS', 'node', 'openai-agents.mjs', '@openai/agents@0.20.0', 'zod@4'),
  client('OpenAI SDK for Python', 'python', 'openai_sdk.py', 'openai==3.57.0'),
  client('Anthropic SDK for Python', 'python', 'anthropic_sdk.py', 'anthropic==2.14.0'),
  client('Google Gen AI SDK for Python', 'python', 'google_genai.py', 'google-genai==3.6.1'),
  client(
    ...(['LangChain for Python', 'python', 'langchain_clients.py', 'langchain-openai==1.7.4'] as const),
    'langchain-anthropic==1.7.10',
  ),
  client('LlamaIndex', 'python', 'llamaindex.py', 'llama-index-core', 'llama-index-llms-openai-like'),
  client('Pydantic AI', 'python', 'pydantic_ai_agent.py', 'pydantic-ai-slim[openai,anthropic]==2.66.0'),
  client('OpenAI Agents for Python', 'python', 'openai_agents.py', 'openai-agents==0.24.0'),
  client('Instructor', 'python', 'instructor_client.py', 'instructor==1.17.0', 'anthropic'),
  client('LiteLLM as a client', 'python', 'litellm_client.py', 'litellm==1.110.2'),
  client('llm', 'python', 'llm_cli.py', 'llm==0.36'),
  client('OpenAI SDK for Go', 'go', 'openai', 'github.com/openai/openai-go/v3@latest'),
  client('Codex', 'node', 'codex.mjs', '@openai/codex@0.171.0'),
  client('opencode', 'node', 'opencode.mjs', 'opencode-ai@1.18.33'),
  client('aider', 'python', 'aider_cli.py', 'aider-chat==0.86.2'),
  client('Claude Code', 'node', 'claude-code.mjs', '@anthropic-ai/claude-code@2.1.332'),
];

/** A model of each kind of provider. */
export const models = ['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'];

/** The model for features that embed texts: whatever the other features run on, since a chat model has no vectors. */
export const EMBEDDING_MODEL = 'text-embedding-3-small';
