/** Every path of the app, once. */
export const paths = {
  playground: '/',
  wallet: '/wallet',
  executions: '/executions',
  execution: (id: string) => `/executions/${id}`,
  users: '/users',
  user: (id: string) => `/users/${id}`,
  levels: '/levels',
  reconciliation: '/reconciliation',
  login: '/login',
  register: '/register',
} as const;
