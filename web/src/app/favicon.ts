import { contrastOf } from '../ui/palette.ts';

/** Sets the tab's icon: the tenant's logo, or its initial on its colour. */
export function showFavicon({
  name,
  logo_url,
  primary_color,
}: {
  name: string;
  logo_url: string | null;
  primary_color: string;
}) {
  const ink =
    contrastOf('#ffffff', primary_color) >= contrastOf('#000000', primary_color) ? '#ffffff' : '#000000';
  const initial = name
    .slice(0, 1)
    .toUpperCase()
    .replace(/[<>&"]/g, '');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${primary_color}"/><text x="16" y="22" font-family="system-ui,sans-serif" font-size="18" font-weight="700" text-anchor="middle" fill="${ink}">${initial}</text></svg>`;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link !== null) link.href = logo_url ?? `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
