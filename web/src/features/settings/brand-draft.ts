import {
  branding,
  type TenantSettings,
  type TenantSettingsPatch,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant/tenant.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The form of the tenant's brand. Pure. */

type Branding = TenantSettings['branding'];

export type BrandDraft = { name: string; tagline: string; primary_color: string };
export const brandFields = ['branding.name', 'branding.tagline', 'branding.primary_color'] as const;

export const brandDraftOf = ({ name, tagline, primary_color }: Branding): BrandDraft => ({
  name,
  tagline: tagline ?? '',
  primary_color,
});

/** Returns the change of the brand, or an error for each invalid field. */
export const readBrand = ({
  tagline,
  ...draft
}: BrandDraft): FormRead<TenantSettingsPatch, (typeof brandFields)[number]> =>
  readForm(
    tenantSettingsPatch,
    { branding: { ...draft, tagline: tagline.trim() === '' ? null : tagline } },
    {
      'branding.name': 'Enter a name of at most 60 characters',
      'branding.tagline': 'At most 140 characters',
      'branding.primary_color': 'Enter a colour as # and six hex digits',
    },
  );

/** Returns the brand with the parts of a draft that are valid by themselves. */
export function previewOf(saved: Branding, { name, tagline, primary_color }: BrandDraft): Branding {
  const color = branding.shape.primary_color.safeParse(primary_color);
  return {
    ...saved,
    name: name.trim() === '' ? saved.name : name.trim(),
    tagline: tagline.trim() === '' ? null : tagline.trim(),
    primary_color: color.success ? color.data : saved.primary_color,
  };
}
