import type { ComponentType } from 'react';
import { createBrowserRouter } from 'react-router';
import { LoginPage } from '../features/auth/pages/login.tsx';
import { ForAdmins, ForSuperadmins, ForUsers } from './for-admins.tsx';
import { NotFoundPage } from './not-found.tsx';
import { PageError } from './page-error.tsx';
import { PublicRoute, Waiting } from './route-guards.tsx';

/** Returns the loader of a page, which is fetched when it is first opened. */
const lazyPage =
  <Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) =>
  async () => ({ Component: (await load())[name] });

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
            lazy: lazyPage(() => import('../features/auth/pages/register.tsx'), 'RegisterPage'),
          },
        ],
      },
      {
        path: '/forgot-password',
        lazy: lazyPage(() => import('../features/auth/pages/forgot-password.tsx'), 'ForgotPasswordPage'),
      },
      {
        path: '/reset-password',
        lazy: lazyPage(() => import('../features/auth/pages/reset-password.tsx'), 'ResetPasswordPage'),
      },
      {
        path: '/verify-email',
        lazy: lazyPage(() => import('../features/auth/pages/confirm-link.tsx'), 'VerifyEmailPage'),
      },
      {
        path: '/change-email',
        lazy: lazyPage(() => import('../features/auth/pages/confirm-link.tsx'), 'ChangeEmailPage'),
      },
      {
        path: '/sign-in',
        lazy: lazyPage(() => import('../features/auth/pages/complete-sign-in.tsx'), 'CompleteSignInPage'),
      },
      {
        path: '/invitation',
        lazy: lazyPage(() => import('../features/auth/pages/invitation.tsx'), 'InvitationPage'),
      },
      {
        path: '/sign-up',
        lazy: lazyPage(() => import('../features/tenants/pages/sign-up.tsx'), 'SignUpPage'),
      },
      {
        path: '/acting',
        lazy: lazyPage(() => import('../features/auth/pages/acting.tsx'), 'ActingPage'),
      },
      {
        path: '/docs/api/:section?',
        lazy: lazyPage(() => import('../features/api-reference/pages/api-reference.tsx'), 'ApiReferencePage'),
      },
      {
        lazy: lazyPage(() => import('./private-app.tsx'), 'PrivateApp'),
        children: [
          {
            errorElement: <PageError />,
            children: [
              {
                element: <ForUsers />,
                children: [
                  {
                    index: true,
                    lazy: lazyPage(() => import('../features/home/pages/home.tsx'), 'HomePage'),
                  },
                  {
                    path: '/playground/:id?',
                    lazy: lazyPage(
                      () => import('../features/playground/pages/playground.tsx'),
                      'PlaygroundPage',
                    ),
                  },
                  {
                    path: '/wallet',
                    lazy: lazyPage(() => import('../features/wallet/pages/wallet.tsx'), 'WalletPage'),
                  },
                  {
                    path: '/account',
                    lazy: lazyPage(() => import('../features/account/pages/account.tsx'), 'AccountPage'),
                  },
                  {
                    path: '/api-keys',
                    lazy: lazyPage(() => import('../features/api-keys/pages/api-keys.tsx'), 'ApiKeysPage'),
                  },
                ],
              },
              {
                path: '/usage',
                lazy: lazyPage(() => import('../features/usage/pages/usage.tsx'), 'UsagePage'),
              },
              {
                path: '/executions',
                lazy: lazyPage(() => import('../features/executions/pages/executions.tsx'), 'ExecutionsPage'),
              },
              {
                path: '/executions/:id',
                lazy: lazyPage(() => import('../features/executions/pages/execution.tsx'), 'ExecutionPage'),
              },
              {
                path: '/alerts',
                lazy: lazyPage(() => import('../features/alerts/pages/alerts.tsx'), 'AlertsPage'),
              },
              {
                element: <ForSuperadmins />,
                children: [
                  {
                    path: '/overview',
                    lazy: lazyPage(
                      () => import('../features/platform-overview/pages/overview.tsx'),
                      'OverviewPage',
                    ),
                  },
                  {
                    path: '/platform-audit',
                    lazy: lazyPage(
                      () => import('../features/audit/pages/platform-audit.tsx'),
                      'PlatformAuditPage',
                    ),
                  },
                  {
                    path: '/tenants',
                    lazy: lazyPage(() => import('../features/tenants/pages/tenants.tsx'), 'TenantsPage'),
                  },
                  {
                    path: '/tenants/:id',
                    lazy: lazyPage(() => import('../features/tenants/pages/tenant.tsx'), 'TenantPage'),
                  },
                ],
              },
              {
                element: <ForAdmins />,
                children: [
                  {
                    path: '/users',
                    lazy: lazyPage(() => import('../features/users/pages/users.tsx'), 'UsersPage'),
                  },
                  {
                    path: '/users/:id',
                    lazy: lazyPage(() => import('../features/users/pages/user.tsx'), 'UserPage'),
                  },
                  {
                    path: '/levels',
                    lazy: lazyPage(() => import('../features/levels/pages/levels.tsx'), 'LevelsPage'),
                  },
                  {
                    path: '/providers',
                    lazy: lazyPage(
                      () => import('../features/providers/pages/providers.tsx'),
                      'ProvidersPage',
                    ),
                  },
                  {
                    path: '/models',
                    lazy: lazyPage(() => import('../features/models/pages/models.tsx'), 'ModelsPage'),
                  },
                  {
                    path: '/models/:id',
                    lazy: lazyPage(() => import('../features/models/pages/model.tsx'), 'ModelPage'),
                  },
                  {
                    path: '/budget',
                    lazy: lazyPage(() => import('../features/budgets/pages/budget.tsx'), 'BudgetPage'),
                  },
                  {
                    path: '/domains',
                    lazy: lazyPage(() => import('../features/domains/pages/domains.tsx'), 'DomainsPage'),
                  },
                  {
                    path: '/settings',
                    lazy: lazyPage(() => import('../features/settings/pages/settings.tsx'), 'SettingsPage'),
                  },
                  {
                    path: '/management-keys',
                    lazy: lazyPage(
                      () => import('../features/api-keys/pages/management-keys.tsx'),
                      'ManagementKeysPage',
                    ),
                  },
                  {
                    path: '/webhooks',
                    lazy: lazyPage(() => import('../features/webhooks/pages/webhooks.tsx'), 'WebhooksPage'),
                  },
                  {
                    path: '/webhooks/:id',
                    lazy: lazyPage(() => import('../features/webhooks/pages/webhook.tsx'), 'WebhookPage'),
                  },
                  {
                    path: '/audit',
                    lazy: lazyPage(() => import('../features/audit/pages/audit.tsx'), 'AuditPage'),
                  },
                  {
                    path: '/reconciliation',
                    lazy: lazyPage(
                      () => import('../features/reconciliation/pages/reconciliation.tsx'),
                      'ReconciliationPage',
                    ),
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
]);
