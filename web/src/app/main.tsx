import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { PublicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { api, ask } from '../lib/api-client.ts';
import { App } from './app.tsx';
import { readNonce } from './csp-nonce.ts';

/** Reads the tenant that the Worker wrote into the page. A page of Vite's development server asks the API for it. */
async function readTenant(): Promise<PublicTenant> {
  const written: PublicTenant | null = JSON.parse(document.getElementById('tenant')?.textContent ?? 'null');
  return written ?? ask(api.tenant.$get());
}

/** Shows the app in the tenant's brand. */
function start(tenant: PublicTenant): void {
  document.title = tenant.branding.name;
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <App tenant={tenant} nonce={readNonce()} />
    </StrictMode>,
  );
}

// Not awaited here: the bundler splits code worse if a module waits at its top level.
void readTenant().then(start);
