import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { ProviderTest } from '../../../../../contracts/api/catalog.ts';
import { formatDuration, formatTokens, listOf } from '../../../lib/format.ts';

/** As many model names as tell that it is the right account. */
const NAMES_SHOWN = 6;

function namesOf(models: string[]): string {
  const others = models.length - NAMES_SHOWN;
  if (others <= 0) return listOf(models);
  return listOf([...models.slice(0, NAMES_SHOWN), `${formatTokens(others)} more`]);
}

function Passed({ latency_ms, models }: Extract<ProviderTest, { ok: true }>) {
  return (
    <Alert
      w="100%"
      color="brand"
      role="status"
      icon={<IconCircleCheck aria-hidden />}
      title={`It answered in ${formatDuration(latency_ms)}`}
    >
      {models === null
        ? 'The model answered a tiny prompt.'
        : models.length === 0
          ? 'It lists no models.'
          : `It serves ${namesOf(models)}.`}
    </Alert>
  );
}

function Failed({ latency_ms, failure }: Extract<ProviderTest, { ok: false }>) {
  return (
    <Alert
      w="100%"
      color="red"
      role="alert"
      icon={<IconPlugConnectedX aria-hidden />}
      title={`The test failed after ${formatDuration(latency_ms)}`}
      styles={{ title: { color: 'var(--mantine-color-error)' } }}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {failure.message}
      </Text>
    </Alert>
  );
}

type TestCallProps = {
  /** null until it was tried with what the form says now. */
  result: ProviderTest | null;
  isTesting: boolean;
  isDisabled: boolean;
  onTest: () => void;
};

/** Tries the key before anything is saved, and says how that went. */
export function TestCall({ result, isTesting, isDisabled, onTest }: TestCallProps) {
  return (
    <Stack gap="xs" align="start">
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlugConnected size={15} aria-hidden />}
        loading={isTesting}
        disabled={isDisabled}
        onClick={onTest}
      >
        Test the key
      </Button>
      {result !== null && (result.ok ? <Passed {...result} /> : <Failed {...result} />)}
    </Stack>
  );
}
