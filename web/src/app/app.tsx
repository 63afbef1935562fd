import { MantineProvider } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { RouterProvider } from 'react-router/dom';
import type { PublicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { AuthProvider } from '../features/auth/auth-context.tsx';
import { ConfirmSession } from '../features/auth/components/confirm-session.tsx';
import { ConversationProvider } from '../features/playground/conversation-context.tsx';
import { TenantProvider, useTenant } from '../lib/tenant-context.tsx';
import { cssVariablesOf, themeOf } from '../ui/theme.ts';
import { showFavicon } from './favicon.ts';
import { router } from './router.tsx';
import { ServerState } from './server-state.tsx';

/** Loaded after the first page: what it shows waits for it. */
const Toasts = lazy(async () => ({ default: (await import('./toasts.tsx')).Toasts }));

/** Shows the app in the tenant's brand. */
function Branded({ nonce, children }: { nonce: string; children: ReactNode }) {
  const { branding } = useTenant();
  const { primary_color } = branding;
  useEffect(() => showFavicon(branding), [branding]);
  return (
    <MantineProvider
      theme={themeOf(primary_color)}
      cssVariablesResolver={cssVariablesOf(primary_color)}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  );
}

/** The app with its providers: tenant, theme, session, conversation, and query cache. */
export function App({ tenant, nonce }: { tenant: PublicTenant; nonce: string }) {
  return (
    <TenantProvider tenant={tenant}>
      <Branded nonce={nonce}>
        <Suspense>
          <Toasts />
        </Suspense>
        <AuthProvider>
          <ConversationProvider>
            <ServerState>
              <RouterProvider router={router} />
              <ConfirmSession />
            </ServerState>
          </ConversationProvider>
        </AuthProvider>
      </Branded>
    </TenantProvider>
  );
}
