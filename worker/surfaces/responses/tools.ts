import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import type { ResponseTool } from '../../../contracts/v1/responses-tools.ts';
import { customParameters } from './custom-tools.ts';

/**
 * The tools of a request. Providers know functions alone: tools of a namespace are functions with both names, and tools that only OpenAI
 * has are passed over. Pure.
 */

type ChatTool = NonNullable<ChatOptions['tools']>[number];
type CalledTool = Extract<ResponseTool, { type: 'function' | 'custom' }>;
type HostedTool = Exclude<ResponseTool, { type: 'function' | 'custom' | 'namespace' }>;
type Named = { name: string; namespace?: string | null | undefined };
type Offered = { tool: CalledTool; namespace?: string };
type Choice = NonNullable<ResponsesRequest['tool_choice']>;

/** The tools of a request by the name that providers know. */
export type Toolbox = ReadonlyMap<string, Offered>;

/** The name that providers know. */
export const flatName = ({ name, namespace }: Named): string => (namespace ? `${namespace}__${name}` : name);

const isHosted = ({ type }: ResponseTool): boolean => !['function', 'custom', 'namespace'].includes(type);

function offeredBy(tool: ResponseTool): Offered[] {
  if (tool.type === 'namespace') return tool.tools.map((inner) => ({ tool: inner, namespace: tool.name }));
  return tool.type === 'function' || tool.type === 'custom' ? [{ tool }] : [];
}

/** Returns the tools of a request. Of two with one name, the later counts: clients send further tools again with each turn. */
export const toolboxOf = ({ tools }: Pick<ResponsesRequest, 'tools'>): Toolbox =>
  new Map(
    (tools ?? [])
      .flatMap(offeredBy)
      .map((offered) => [flatName({ name: offered.tool.name, namespace: offered.namespace }), offered]),
  );

/** Returns the name of a called tool as the client knows it. A model can call a tool that was not offered. */
export function calledAs(toolbox: Toolbox, name: string): { name: string; namespace?: string } {
  const offered = toolbox.get(name);
  if (offered?.namespace === undefined) return { name };
  return { name: offered.tool.name, namespace: offered.namespace };
}

/** True for a tool that takes a text. */
export const isCustom = (toolbox: Toolbox, name: string): boolean =>
  toolbox.get(name)?.tool.type === 'custom';

const additionalTools = ({ input }: ResponsesRequest): ResponseTool[] =>
  typeof input === 'string'
    ? []
    : input.flatMap((item) => (item.type === 'additional_tools' ? item.tools : []));

/** Returns a request with the tools of its items among its tools, and without those that are passed over. */
export function withOwnTools(request: ResponsesRequest): ResponsesRequest {
  const tools = [...(request.tools ?? []), ...additionalTools(request)];
  return tools.length === 0 ? request : { ...request, tools: tools.filter((tool) => !isHosted(tool)) };
}

/** Returns the first tool that only OpenAI has, if the request forces a call and offers no other; else null. */
export function forcedHostedTool(request: ResponsesRequest): HostedTool['type'] | null {
  const tools = [...(request.tools ?? []), ...additionalTools(request)];
  const hosted = tools.find(isHosted) as HostedTool | undefined;
  const choice = request.tool_choice;
  if (choice != null && typeof choice === 'object' && choice.type === 'allowed_tools') {
    if (choice.mode !== 'required' || allowedIn(toolboxOf({ tools }), choice).size > 0) return null;
    const named = tools.find((tool) => isHosted(tool) && choice.tools.some(({ type }) => type === tool.type));
    return (named as HostedTool | undefined)?.type ?? null;
  }
  return choice === 'required' && tools.every(isHosted) ? (hosted?.type ?? null) : null;
}

function allowedIn(toolbox: Toolbox, { tools }: Extract<Choice, { type: 'allowed_tools' }>): Toolbox {
  const names = new Set(
    tools.flatMap(({ name, namespace }) => (name ? [flatName({ name, namespace })] : [])),
  );
  const namespaces = new Set(tools.flatMap(({ type, name }) => (type === 'namespace' && name ? [name] : [])));
  return new Map(
    [...toolbox].filter(([name, { namespace }]) => names.has(name) || namespaces.has(namespace ?? '')),
  );
}

function descriptionOf(tool: CalledTool): string | undefined {
  if (tool.type === 'function') return tool.description ?? undefined;
  const { description, format } = tool;
  const grammar = typeof format?.definition === 'string' ? format.definition : undefined;
  const parts = [description, grammar && `The text has to follow this grammar:\n${grammar}`];
  return parts.filter(Boolean).join('\n\n') || undefined;
}

function chatTool([name, { tool }]: [string, Offered]): ChatTool {
  const description = descriptionOf(tool);
  const named = { name, ...(description !== undefined && { description }) };
  if (tool.type === 'custom') return { ...named, parameters: customParameters };
  const { parameters, strict } = tool;
  return {
    ...named,
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict != null && { strict }),
  };
}

/** Returns the tools and the choice among them in the neutral form. Without tools only a choice that needs one is told. */
export function chatToolsOf(
  request: Pick<ResponsesRequest, 'tools' | 'tool_choice'>,
): Pick<ChatOptions, 'tools' | 'tool_choice'> {
  const { tool_choice: choice } = request;
  const offered = toolboxOf(request);
  const allows = choice != null && typeof choice === 'object' && choice.type === 'allowed_tools';
  const toolbox = allows ? allowedIn(offered, choice) : offered;
  const tools = [...toolbox].map(chatTool);
  const chosen = choice == null ? undefined : choiceOf(choice);
  const isIdle = tools.length === 0 && (chosen === 'auto' || chosen === 'none');
  return {
    ...(tools.length > 0 && { tools }),
    ...(chosen !== undefined && !isIdle && { tool_choice: chosen }),
  };
}

function choiceOf(choice: Choice): NonNullable<ChatOptions['tool_choice']> {
  if (typeof choice === 'string') return choice;
  return choice.type === 'allowed_tools' ? choice.mode : { name: flatName(choice) };
}
