import { useEffect } from 'react';
import { useTenant } from './tenant-context.tsx';

/** Names the page in the browser's tab and history, the tenant after it. */
export function usePageTitle(title: string): void {
  const { branding } = useTenant();
  useEffect(() => {
    document.title = `${title} · ${branding.name}`;
  }, [title, branding.name]);
}
