import { Avatar, Group, Text, UnstyledButton } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '../lib/paths.ts';
import { useTenant } from '../lib/tenant-context.tsx';

type BrandMarkProps = { size?: 'md' | 'lg'; linked?: boolean };

/** The tenant's name with its logo, or else its initial. */
export function BrandMark({ size = 'md', linked = false }: BrandMarkProps) {
  const { branding } = useTenant();
  const mark = (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <Avatar
        src={branding.logo_url}
        alt=""
        radius="md"
        size={size === 'lg' ? 44 : 32}
        color="brand"
        variant="filled"
        aria-hidden
      >
        {branding.name.slice(0, 1).toUpperCase()}
      </Avatar>
      <Text fw={680} size={size === 'lg' ? 'xl' : 'lg'} lts="-0.015em" truncate>
        {branding.name}
      </Text>
    </Group>
  );
  if (!linked) return mark;
  return (
    <UnstyledButton component={Link} to={paths.home} miw={0} bdrs="md">
      {mark}
    </UnstyledButton>
  );
}
