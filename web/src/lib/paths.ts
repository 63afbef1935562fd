/** The paths of the app. */
export const paths = {
  home: '/',
  playground: '/playground',
  conversation: (id: string) => `/playground/${id}`,
  usage: '/usage',
  wallet: '/wallet',
  executions: '/executions',
  /** The list of executions with filters: `from`, `to`, `user_id`, `api_key_id`, `model`, `provider_id`, `status`. */
  executionsOf: (filter: Record<string, string | undefined>) => {
    const chosen = Object.entries(filter).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return `/executions?${new URLSearchParams(chosen)}`;
  },
  execution: (id: string) => `/executions/${id}`,
  apiKeys: '/api-keys',
  managementKeys: '/management-keys',
  webhooks: '/webhooks',
  webhook: (id: string) => `/webhooks/${id}`,
  alerts: '/alerts',
  users: '/users',
  user: (id: string) => `/users/${id}`,
  levels: '/levels',
  providers: '/providers',
  models: '/models',
  model: (id: string) => `/models/${id}`,
  budget: '/budget',
  domains: '/domains',
  settings: '/settings',
  overview: '/overview',
  tenants: '/tenants',
  tenant: (id: string) => `/tenants/${id}`,
  reconciliation: '/reconciliation',
  audit: '/audit',
  platformAudit: (tenantId?: string) =>
    tenantId === undefined ? '/platform-audit' : `/platform-audit?tenant=${tenantId}`,
  apiReference: '/docs/api',
  apiReferenceSection: (slug: string, anchor = '') => `/docs/api/${slug}${anchor && `#${anchor}`}`,
  account: '/account',
  forgotPassword: '/forgot-password',
  login: '/login',
  register: '/register',
} as const;
