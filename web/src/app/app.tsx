import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from 'react-router/dom';
import type { PublicTenant } from '../../../contracts/api/tenant.ts';
import { AuthProvider } from '../features/auth/auth-context.tsx';
import { ConversationProvider } from '../features/playground/conversation-context.tsx';
import { TenantProvider } from '../lib/tenant-context.tsx';
import { cssVariablesOf, themeOf } from '../ui/theme.ts';
import { router } from './router.tsx';
import { ServerState } from './server-state.tsx';

/** The app with its providers: theme, tenant, session, conversation, and query cache. */
export function App({ tenant, nonce }: { tenant: PublicTenant; nonce: string }) {
  const { primary_color } = tenant.branding;
  return (
    <MantineProvider
      theme={themeOf(primary_color)}
      cssVariablesResolver={cssVariablesOf(primary_color)}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications position="top-center" />
      <TenantProvider tenant={tenant}>
        <AuthProvider>
          <ConversationProvider>
            <ServerState>
              <RouterProvider router={router} />
            </ServerState>
          </ConversationProvider>
        </AuthProvider>
      </TenantProvider>
    </MantineProvider>
  );
}
