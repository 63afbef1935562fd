import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { publicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { api, ask } from '../lib/api-client.ts';
import { App } from './app.tsx';
import { readNonce } from './csp-nonce.ts';

/** Reads the tenant that the Worker wrote into the page. A page of Vite's development server asks the API for it. */
async function readTenant() {
  const written = document.getElementById('tenant')?.textContent ?? 'null';
  const parsed = publicTenant.safeParse(JSON.parse(written));
  return parsed.success ? parsed.data : ask(api.tenant.$get());
}

const nonce = readNonce();
const tenant = await readTenant();
document.title = tenant.branding.name;

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App tenant={tenant} nonce={nonce} />
  </StrictMode>,
);
