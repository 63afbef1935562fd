import { createBrowserRouter } from 'react-router';
import { LoginPage } from '../features/auth/pages/login.tsx';
import { AppLayout } from './app-layout.tsx';
import { ForAdmins, ForSuperadmins, ForUsers } from './for-admins.tsx';
import { NotFoundPage } from './not-found.tsx';
import { PageError } from './page-error.tsx';
import { PrivateRoute, PublicRoute, Waiting } from './route-guards.tsx';

/** The routes: public pages, private pages, and what is open to everybody: links of mails, sign-ups and the API reference. Pages are loaded when first opened. */
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
            lazy: async () => ({
              Component: (await import('../features/auth/pages/register.tsx')).RegisterPage,
            }),
          },
        ],
      },
      {
        path: '/forgot-password',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/forgot-password.tsx')).ForgotPasswordPage,
        }),
      },
      {
        path: '/reset-password',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/reset-password.tsx')).ResetPasswordPage,
        }),
      },
      {
        path: '/verify-email',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/confirm-link.tsx')).VerifyEmailPage,
        }),
      },
      {
        path: '/change-email',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/confirm-link.tsx')).ChangeEmailPage,
        }),
      },
      {
        path: '/sign-in',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/complete-sign-in.tsx')).CompleteSignInPage,
        }),
      },
      {
        path: '/invitation',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/invitation.tsx')).InvitationPage,
        }),
      },
      {
        path: '/sign-up',
        lazy: async () => ({
          Component: (await import('../features/tenants/pages/sign-up.tsx')).SignUpPage,
        }),
      },
      {
        path: '/acting',
        lazy: async () => ({
          Component: (await import('../features/auth/pages/acting.tsx')).ActingPage,
        }),
      },
      {
        path: '/docs/api/:section?',
        lazy: async () => ({
          Component: (await import('../features/api-reference/pages/api-reference.tsx')).ApiReferencePage,
        }),
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
                    element: <ForUsers />,
                    children: [
                      {
                        index: true,
                        lazy: async () => ({
                          Component: (await import('../features/playground/pages/playground.tsx'))
                            .PlaygroundPage,
                        }),
                      },
                      {
                        path: '/wallet',
                        lazy: async () => ({
                          Component: (await import('../features/wallet/pages/wallet.tsx')).WalletPage,
                        }),
                      },
                      {
                        path: '/account',
                        lazy: async () => ({
                          Component: (await import('../features/account/pages/account.tsx')).AccountPage,
                        }),
                      },
                      {
                        path: '/api-keys',
                        lazy: async () => ({
                          Component: (await import('../features/api-keys/pages/api-keys.tsx')).ApiKeysPage,
                        }),
                      },
                    ],
                  },
                  {
                    path: '/executions',
                    lazy: async () => ({
                      Component: (await import('../features/executions/pages/executions.tsx')).ExecutionsPage,
                    }),
                  },
                  {
                    path: '/executions/:id',
                    lazy: async () => ({
                      Component: (await import('../features/executions/pages/execution.tsx')).ExecutionPage,
                    }),
                  },
                  {
                    element: <ForSuperadmins />,
                    children: [
                      {
                        path: '/overview',
                        lazy: async () => ({
                          Component: (await import('../features/platform-overview/pages/overview.tsx'))
                            .OverviewPage,
                        }),
                      },
                      {
                        path: '/platform-audit',
                        lazy: async () => ({
                          Component: (await import('../features/audit/pages/platform-audit.tsx'))
                            .PlatformAuditPage,
                        }),
                      },
                      {
                        path: '/tenants',
                        lazy: async () => ({
                          Component: (await import('../features/tenants/pages/tenants.tsx')).TenantsPage,
                        }),
                      },
                      {
                        path: '/tenants/:id',
                        lazy: async () => ({
                          Component: (await import('../features/tenants/pages/tenant.tsx')).TenantPage,
                        }),
                      },
                    ],
                  },
                  {
                    element: <ForAdmins />,
                    children: [
                      {
                        path: '/users',
                        lazy: async () => ({
                          Component: (await import('../features/users/pages/users.tsx')).UsersPage,
                        }),
                      },
                      {
                        path: '/users/:id',
                        lazy: async () => ({
                          Component: (await import('../features/users/pages/user.tsx')).UserPage,
                        }),
                      },
                      {
                        path: '/levels',
                        lazy: async () => ({
                          Component: (await import('../features/levels/pages/levels.tsx')).LevelsPage,
                        }),
                      },
                      {
                        path: '/providers',
                        lazy: async () => ({
                          Component: (await import('../features/providers/pages/providers.tsx'))
                            .ProvidersPage,
                        }),
                      },
                      {
                        path: '/models',
                        lazy: async () => ({
                          Component: (await import('../features/models/pages/models.tsx')).ModelsPage,
                        }),
                      },
                      {
                        path: '/models/:id',
                        lazy: async () => ({
                          Component: (await import('../features/models/pages/model.tsx')).ModelPage,
                        }),
                      },
                      {
                        path: '/budget',
                        lazy: async () => ({
                          Component: (await import('../features/budgets/pages/budget.tsx')).BudgetPage,
                        }),
                      },
                      {
                        path: '/domains',
                        lazy: async () => ({
                          Component: (await import('../features/domains/pages/domains.tsx')).DomainsPage,
                        }),
                      },
                      {
                        path: '/settings',
                        lazy: async () => ({
                          Component: (await import('../features/settings/pages/settings.tsx')).SettingsPage,
                        }),
                      },
                      {
                        path: '/management-keys',
                        lazy: async () => ({
                          Component: (await import('../features/api-keys/pages/management-keys.tsx'))
                            .ManagementKeysPage,
                        }),
                      },
                      {
                        path: '/audit',
                        lazy: async () => ({
                          Component: (await import('../features/audit/pages/audit.tsx')).AuditPage,
                        }),
                      },
                      {
                        path: '/reconciliation',
                        lazy: async () => ({
                          Component: (await import('../features/reconciliation/pages/reconciliation.tsx'))
                            .ReconciliationPage,
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
