import { createBrowserRouter } from 'react-router';
import { AppLayout } from './components/app-layout.tsx';
import { ForAdmins } from './components/for-admins.tsx';
import { PageError } from './components/page-error.tsx';
import { PrivateRoute, PublicRoute, Waiting } from './components/route-guards.tsx';
import { LoginPage } from './pages/login.tsx';
import { NotFoundPage } from './pages/not-found.tsx';

/** Public pages for who is signed out, private ones for who is signed in, the API reference for both; each page is loaded when first opened. */
export const router = createBrowserRouter([
  {
    errorElement: <PageError />,
    hydrateFallbackElement: <Waiting />,
    children: [
      {
        element: <PublicRoute />,
        children: [
          { path: '/login', element: <LoginPage /> },
          {
            path: '/register',
            lazy: async () => ({ Component: (await import('./pages/register.tsx')).RegisterPage }),
          },
        ],
      },
      {
        path: '/docs/api/:section?',
        lazy: async () => ({ Component: (await import('./pages/api-reference.tsx')).ApiReferencePage }),
      },
      {
        element: <PrivateRoute />,
        children: [
          {
            element: <AppLayout />,
            children: [
              {
                errorElement: <PageError />,
                children: [
                  {
                    index: true,
                    lazy: async () => ({
                      Component: (await import('./pages/playground.tsx')).PlaygroundPage,
                    }),
                  },
                  {
                    path: '/wallet',
                    lazy: async () => ({ Component: (await import('./pages/wallet.tsx')).WalletPage }),
                  },
                  {
                    path: '/executions',
                    lazy: async () => ({
                      Component: (await import('./pages/executions.tsx')).ExecutionsPage,
                    }),
                  },
                  {
                    path: '/executions/:id',
                    lazy: async () => ({ Component: (await import('./pages/execution.tsx')).ExecutionPage }),
                  },
                  {
                    path: '/api-keys',
                    lazy: async () => ({ Component: (await import('./pages/api-keys.tsx')).ApiKeysPage }),
                  },
                  {
                    element: <ForAdmins />,
                    children: [
                      {
                        path: '/users',
                        lazy: async () => ({ Component: (await import('./pages/users.tsx')).UsersPage }),
                      },
                      {
                        path: '/users/:id',
                        lazy: async () => ({ Component: (await import('./pages/user.tsx')).UserPage }),
                      },
                      {
                        path: '/levels',
                        lazy: async () => ({ Component: (await import('./pages/levels.tsx')).LevelsPage }),
                      },
                      {
                        path: '/providers',
                        lazy: async () => ({
                          Component: (await import('./pages/providers.tsx')).ProvidersPage,
                        }),
                      },
                      {
                        path: '/models',
                        lazy: async () => ({ Component: (await import('./pages/models.tsx')).ModelsPage }),
                      },
                      {
                        path: '/models/:id',
                        lazy: async () => ({ Component: (await import('./pages/model.tsx')).ModelPage }),
                      },
                      {
                        path: '/settings',
                        lazy: async () => ({
                          Component: (await import('./pages/settings.tsx')).SettingsPage,
                        }),
                      },
                      {
                        path: '/reconciliation',
                        lazy: async () => ({
                          Component: (await import('./pages/reconciliation.tsx')).ReconciliationPage,
                        }),
                      },
                    ],
                  },
                  { path: '*', element: <NotFoundPage /> },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
]);
