/** Every path of the app, once. */
export const paths = {
  playground: '/',
  wallet: '/wallet',
  executions: '/executions',
  execution: (id: string) => `/executions/${id}`,
  apiKeys: '/api-keys',
  users: '/users',
  user: (id: string) => `/users/${id}`,
  levels: '/levels',
  providers: '/providers',
  models: '/models',
  model: (id: string) => `/models/${id}`,
  settings: '/settings',
  reconciliation: '/reconciliation',
  login: '/login',
  register: '/register',
} as const;
