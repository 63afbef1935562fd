import type {
  ActionIcon,
  Badge,
  CSSVariablesResolver,
  Drawer,
  MantineColorsTuple,
  Menu,
  Modal,
  NavLink,
  Paper,
  Tooltip,
} from '@mantine/core';
import { createTheme } from '@mantine/core';
import { paletteOf, readableOn, tintOf } from './palette.ts';

/** Neutral colours of the dark scheme: 0 for text, 7 for surfaces, 8 and 9 for backgrounds. */
const dark: MantineColorsTuple = [
  '#d5d9df',
  '#b4bac4',
  '#969eaa',
  '#6b7380',
  '#3a404b',
  '#2b3039',
  '#20242b',
  '#171a20',
  '#0f1115',
  '#0a0c0f',
];

const SURFACE = { light: '#ffffff', dark: '#171a20' } as const;
const CANVAS = { light: '#f6f7f9', dark: '#0f1115' } as const;

/** The settings that a component takes in a theme. */
type SettingsOf<Component extends { extend(settings: never): unknown }> = Parameters<Component['extend']>[0];

/** Settings of components, as data: `Component.extend()` would load all of them with the first page. */
const components = {
  ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  Badge: {
    defaultProps: { tt: 'none', fw: 550, fz: 'xs', lts: 0, radius: 'sm', miw: 'max-content' },
  },
  Drawer: {
    defaultProps: {
      attributes: { header: { role: 'presentation' } },
      closeButtonProps: { 'aria-label': 'Close' },
    },
    styles: { title: { fontWeight: 650, lineHeight: 1.35, overflowWrap: 'anywhere' } },
  },
  Menu: {
    // Focuses the first item. The placeholder would be a child of the menu without the role of an item.
    defaultProps: { shadow: 'md', withInitialFocusPlaceholder: false },
  },
  Modal: {
    // Without this role, the dialog's header would be a second banner of the page.
    defaultProps: {
      centered: true,
      radius: 'lg',
      attributes: { header: { role: 'presentation' } },
      closeButtonProps: { 'aria-label': 'Close' },
    },
    styles: { title: { fontWeight: 650, lineHeight: 1.35, overflowWrap: 'anywhere' } },
  },
  NavLink: { defaultProps: { variant: 'light' } },
  Paper: { defaultProps: { radius: 'lg' } },
  Tooltip: { defaultProps: { withArrow: true, openDelay: 300, withinPortal: false } },
} satisfies {
  ActionIcon: SettingsOf<typeof ActionIcon>;
  Badge: SettingsOf<typeof Badge>;
  Drawer: SettingsOf<typeof Drawer>;
  Menu: SettingsOf<typeof Menu>;
  Modal: SettingsOf<typeof Modal>;
  NavLink: SettingsOf<typeof NavLink>;
  Paper: SettingsOf<typeof Paper>;
  Tooltip: SettingsOf<typeof Tooltip>;
};

/**
 * The theme of a tenant. Text on the tenant's colour is black or white, whichever contrasts more: both contrast 4.58 to 1 at a
 * luminance of 0.179.
 */
export const themeOf = (primaryColor: string) =>
  createTheme({
    colors: { brand: paletteOf(primaryColor), dark },
    primaryColor: 'brand',
    primaryShade: 6,
    black: '#14171c',
    autoContrast: true,
    luminanceThreshold: 0.179,
    fontFamily: "'Inter Variable', ui-sans-serif, system-ui, sans-serif",
    fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace",
    headings: {
      fontWeight: '650',
      sizes: {
        h1: { fontSize: '1.625rem', lineHeight: '1.25' },
        h2: { fontSize: '1.125rem', lineHeight: '1.35' },
        h3: { fontSize: '1rem', lineHeight: '1.4' },
      },
    },
    defaultRadius: 'md',
    radius: { md: '0.625rem', lg: '0.875rem' },
    cursorType: 'pointer',
    respectReducedMotion: true,
    components,
  });

/** The tenant's colour as text and as a tint, readable in each scheme. */
const brandVariables = (primaryColor: string, scheme: 'light' | 'dark') => {
  const tint = tintOf(primaryColor, SURFACE[scheme], scheme === 'light' ? 0.1 : 0.2);
  const tintHover = tintOf(primaryColor, SURFACE[scheme], scheme === 'light' ? 0.15 : 0.27);
  const text = readableOn(primaryColor, tintHover);
  return {
    '--app-canvas': CANVAS[scheme],
    '--mantine-color-anchor': text,
    '--mantine-color-brand-text': text,
    '--mantine-color-brand-outline': text,
    '--mantine-color-brand-light': tint,
    '--mantine-color-brand-light-hover': tintHover,
    '--mantine-color-brand-light-color': text,
  };
};

/** Overrides variables of Mantine, whose dimmed, placeholder and error texts do not reach level AA. */
export const cssVariablesOf =
  (primaryColor: string): CSSVariablesResolver =>
  () => ({
    variables: {},
    light: {
      ...brandVariables(primaryColor, 'light'),
      '--mantine-color-body': SURFACE.light,
      '--mantine-color-dimmed': '#5a6270',
      '--mantine-color-placeholder': '#6a7280',
      '--mantine-color-error': '#bd2222',
      '--mantine-color-red-light': '#fdf1f1',
      '--mantine-color-yellow-light': '#fff5db',
      '--mantine-color-yellow-light-color': '#774700',
      '--mantine-color-default-border': '#dfe2e8',
      '--mantine-color-gray-light-color': '#454c58',
    },
    dark: {
      ...brandVariables(primaryColor, 'dark'),
      '--mantine-color-body': SURFACE.dark,
      '--mantine-color-dimmed': dark[2],
      '--mantine-color-placeholder': '#8a919d',
      '--mantine-color-error': '#ff8f8f',
      '--mantine-color-red-light': '#2c191b',
      '--mantine-color-yellow-light': '#2e2511',
      '--mantine-color-yellow-light-color': '#f5c978',
      '--mantine-color-default-border': '#2b3039',
      '--mantine-color-gray-light-color': dark[1],
    },
  });
