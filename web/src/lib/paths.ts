/** Every path of the app, once. */
export const paths = {
  playground: '/',
  wallet: '/wallet',
  executions: '/executions',
  execution: (id: string) => `/executions/${id}`,
  users: '/users',
  login: '/login',
  register: '/register',
} as const;
