import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { ProviderTest } from '../../../../../contracts/api/catalog.ts';
import { formatDuration, formatTokens, sentenceList } from '../../../lib/format.ts';

/** Model names to show: enough to recognize the account. */
const NAMES_SHOWN = 6;

function namesOf(models: string[]): string {
  const others = models.length - NAMES_SHOWN;
  if (others <= 0) return sentenceList(models);
  return sentenceList([...models.slice(0, NAMES_SHOWN), `${formatTokens(others)} more`]);
}

function Passed({ latency_ms, models }: Extract<ProviderTest, { ok: true }>) {
  return (
    <Alert
      w="100%"
      color="brand"
      role="status"
      icon={<IconCircleCheck aria-hidden />}
      title={`Test passed in ${formatDuration(latency_ms)}`}
    >
      {models === null
        ? 'The model answered a short prompt.'
        : models.length === 0
          ? 'The provider lists no models.'
          : `Models: ${namesOf(models)}.`}
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
      title={`Test failed after ${formatDuration(latency_ms)}`}
      styles={{ title: { color: 'var(--mantine-color-error)' } }}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {failure.message}
      </Text>
    </Alert>
  );
}

type TestCallProps = {
  /** Null until the current values of the form are tested. */
  result: ProviderTest | null;
  isTesting: boolean;
  isDisabled: boolean;
  onTest: () => void;
};

/** Button that tests the key before it is saved, and the result. */
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
