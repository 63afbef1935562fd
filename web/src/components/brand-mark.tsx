import { Avatar, Group, Text } from '@mantine/core';
import { useTenant } from '../contexts/tenant-context.tsx';

/** The tenant's logo, or its initial on its colour, and its name. */
export function BrandMark({ size = 'md' }: { size?: 'md' | 'lg' }) {
  const { branding } = useTenant();
  return (
    <Group gap="sm" wrap="nowrap">
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
      <Text fw={700} size={size === 'lg' ? 'xl' : 'lg'} truncate>
        {branding.name}
      </Text>
    </Group>
  );
}
