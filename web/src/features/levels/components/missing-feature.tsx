import { Alert } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { Feature } from '../../../../../contracts/tenants/level-features.ts';
import { useMissingFeature } from '../use-missing-feature.ts';

/** Explains why a feature is not there. Shows nothing if the user has it. */
export function MissingFeature({ name }: { name: Feature }) {
  const reason = useMissingFeature(name);
  if (reason === null) return null;
  return (
    <Alert color="gray" icon={<IconLock aria-hidden />} mb="md">
      {reason}
    </Alert>
  );
}
