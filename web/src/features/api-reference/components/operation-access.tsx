import { Badge, Group, Text } from '@mantine/core';
import { IconKey, IconLockOpen, IconUser } from '@tabler/icons-react';
import { Fragment } from 'react';
import tones from '../../../ui/tones.module.css';
import type { Access } from '../reference.ts';
import { schemeName } from '../sentences.ts';

const iconOf = ({ scheme }: Access) =>
  scheme.type === 'apiKey' ? <IconKey size={13} aria-hidden /> : <IconUser size={13} aria-hidden />;

/** The authentication methods of an operation, any of which is enough. */
export function OperationAccess({ access }: { access: Access[] }) {
  if (access.length === 0) {
    return (
      <Badge className={tones.plain ?? ''} leftSection={<IconLockOpen size={13} aria-hidden />}>
        No authentication
      </Badge>
    );
  }
  return (
    <Group gap={6}>
      {access.map((way, index) => (
        <Fragment key={way.name}>
          <Text size="xs" c="dimmed">
            {index === 0 ? 'Needs' : 'or'}
          </Text>
          <Badge className={tones.plain ?? ''} leftSection={iconOf(way)}>
            {[schemeName(way.name), ...way.scopes].join(' · ')}
          </Badge>
        </Fragment>
      ))}
    </Group>
  );
}
