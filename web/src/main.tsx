import '@fontsource-variable/inter';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { publicTenant } from '../../contracts/api/tenant.ts';
import { AuthProvider } from './contexts/auth-context.tsx';
import { TenantProvider } from './contexts/tenant-context.tsx';
import { api, ask } from './lib/api-client.ts';
import { themeOf } from './lib/theme.ts';
import { router } from './router.tsx';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// Read by libraries that add style elements of their own (scroll lock behind dialogs).
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** The Worker writes the tenant into the page; a page from elsewhere (vite's dev server) asks for it. */
async function readTenant() {
  const written = document.getElementById('tenant')?.textContent ?? 'null';
  const parsed = publicTenant.safeParse(JSON.parse(written));
  return parsed.success ? parsed.data : ask(api.tenant.$get());
}

const tenant = await readTenant();
document.title = tenant.branding.name;

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={themeOf(tenant.branding.primary_color)}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications position="top-right" />
      <TenantProvider tenant={tenant}>
        <AuthProvider>
          <RouterProvider router={router} />
        </AuthProvider>
      </TenantProvider>
    </MantineProvider>
  </StrictMode>,
);
