import { useEffect } from 'react';
import { useTenant } from './tenant-context.tsx';

/** Sets the document's title to the page and the tenant. */
export function usePageTitle(title: string): void {
  const { branding } = useTenant();
  useEffect(() => {
    document.title = `${title} · ${branding.name}`;
  }, [title, branding.name]);
}
