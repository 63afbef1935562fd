import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { publicTenant } from '../../contracts/api/tenant.ts';
import { App } from './app.tsx';
import { readNonce } from './lib/csp-nonce.ts';
import { showFavicon } from './lib/favicon.ts';
import { fetchTenant } from './services/tenant.ts';

/** The Worker writes the tenant into the page; a page from elsewhere (vite's dev server) asks for it. */
async function readTenant() {
  const written = document.getElementById('tenant')?.textContent ?? 'null';
  const parsed = publicTenant.safeParse(JSON.parse(written));
  return parsed.success ? parsed.data : fetchTenant();
}

const nonce = readNonce();
const tenant = await readTenant();
document.title = tenant.branding.name;
showFavicon(tenant.branding);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App tenant={tenant} nonce={nonce} />
  </StrictMode>,
);
