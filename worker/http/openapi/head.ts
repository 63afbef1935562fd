import { errorCatalog } from '../errors.ts';

/**
 * The head of the API's own description at /api/openapi.json: what it is, its groups in the order in which they are read, and
 * every error code with its status and what to do. The rest comes from the routes.
 */
export const openApiHead = {
  openapi: '3.1.0',
  info: {
    title: 'Vanilla SaaS',
    version: '1',
    description:
      "Every path answers on each tenant's own hostname. Amounts are integers: wallet tokens, provider tokens, micro-USD. " +
      'Errors have one shape: `error.code` says what, `error.details` where and why, `error.request_id` whom to ask about.',
  },
  tags: [
    { name: 'OpenAI-compatible', description: "For OpenAI's SDKs, and for whatever else speaks their API." },
    { name: 'Anthropic-compatible', description: "For Anthropic's SDKs." },
    { name: 'AI', description: 'Models and executions, with everything the platform knows about them.' },
    { name: 'Wallet', description: 'The balance that executions spend from, and its ledger.' },
    { name: 'API keys', description: 'Keys for programs. They are made with a session, never with a key.' },
    { name: 'Identity', description: 'Accounts and sessions.' },
    { name: 'Tenant', description: 'Who answers at this hostname, and what its admins have decided.' },
    { name: 'Users', description: "The tenant's users, their policies and their wallets." },
    { name: 'Levels', description: 'Tiers of users: the models they may call, and the tokens they get.' },
    { name: 'Providers', description: 'The AI providers behind the models, and the order of failover.' },
    { name: 'Models', description: 'Public model names, what serves them, and what they cost.' },
    {
      name: 'Reconciliation',
      description: 'Wallets held against their ledger, and ledgers to be verified by anybody.',
    },
    { name: 'Platform', description: 'The state of the platform itself.' },
  ],
  'x-error-codes': errorCatalog,
};
