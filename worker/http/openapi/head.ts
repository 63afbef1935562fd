import { errorCatalog } from '../errors.ts';

/** The head of the API's document: its groups in reading order, and all error codes. The rest comes from the routes. */
export const openApiHead = {
  openapi: '3.1.0',
  info: {
    title: 'Vanilla SaaS',
    version: '1',
    description:
      "Every path is available at each tenant's hostname. Amounts are integers: wallet tokens, provider tokens or micro-USD. " +
      'Errors have one format: `error.code` names the error, `error.details` gives the field or the limit, and `error.request_id` ' +
      'identifies the request.',
  },
  tags: [
    { name: 'OpenAI-compatible', description: "For OpenAI's SDKs and every other client of their API." },
    { name: 'Anthropic-compatible', description: "For Anthropic's SDKs." },
    { name: 'Google-compatible', description: "For Google's SDKs of the Gemini API." },
    {
      name: 'Files',
      description: 'Files that prompts of every API name by their ids, for the SDKs of OpenAI and Anthropic.',
    },
    { name: 'AI', description: 'Models and executions, with prices and receipts.' },
    { name: 'Conversations', description: 'Conversations of the playground, kept for you alone.' },
    { name: 'Wallet', description: 'Your balance and its ledger.' },
    { name: 'API keys', description: 'Keys for programs. Create them with a session.' },
    {
      name: 'Management keys',
      description: "Keys for the tenant's own servers: they create users, add tokens and read usage.",
    },
    { name: 'Webhooks', description: "Signed events to the tenant's own servers." },
    { name: 'Alerts', description: 'What needs attention, once for each cause.' },
    { name: 'Identity', description: 'Accounts and sessions.' },
    { name: 'Tenant', description: 'The tenant at this hostname and its settings.' },
    { name: 'Users', description: "The tenant's users, their policies and their wallets." },
    {
      name: 'Levels',
      description: 'Tiers of users: the models they can call, the tokens they get and their features.',
    },
    { name: 'Audit log', description: 'What administrators changed, and what they changed for themselves.' },
    { name: 'Providers', description: 'The AI providers behind the models, and the order of failover.' },
    { name: 'Models', description: 'Public model names, their providers and their prices.' },
    {
      name: 'Reconciliation',
      description: 'Checks of wallets against their ledgers, and exports that anyone can verify.',
    },
    {
      name: 'Usage',
      description: 'Figures of executions by user, key, model, provider, level and time.',
    },
    { name: 'Tenants', description: 'The tenants of the platform, for superadmins.' },
    {
      name: 'Usage',
      description:
        'Executions, tokens, costs and times of answers by day, hour, model, user, API key, provider and level.',
    },
    {
      name: 'Platform overview',
      description: 'Usage, cost, revenue and health across tenants, for superadmins.',
    },
    {
      name: 'Tenant budgets',
      description: "What tenants may spend on the platform's provider keys. For superadmins.",
    },
    { name: 'Platform', description: 'The state of the platform.' },
  ],
  'x-error-codes': errorCatalog,
};
