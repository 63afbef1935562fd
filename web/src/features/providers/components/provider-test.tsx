import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { PromptFindings, ProviderTest } from '../../../../../contracts/api/catalog.ts';
import { formatDuration, formatTokens, sentenceList } from '../../../lib/format.ts';

/** Model names to show: enough to recognize the account. */
const NAMES_SHOWN = 6;

function namesOf(models: string[]): string {
  const others = models.length - NAMES_SHOWN;
  if (others <= 0) return sentenceList(models);
  return sentenceList([...models.slice(0, NAMES_SHOWN), `${formatTokens(others)} more`]);
}

const toolsInWords: Record<PromptFindings['tools'], string> = {
  called: 'It called the tool.',
  not_called: 'It took the tool and did not call it.',
  refused: 'It takes no tools.',
};

/** Findings of a prompt, as sentences. */
function sentencesOf({ first_piece_ms, streams, reports_usage, tools, quirks }: PromptFindings): string[] {
  return [
    `The model answered a short prompt. The first piece came after ${formatDuration(first_piece_ms)}.`,
    streams ? 'It streams.' : 'It answers in one piece.',
    reports_usage ? 'It reports its usage.' : 'It reports no usage: usage is estimated.',
    toolsInWords[tools],
    ...quirks.map((quirk) => `The server refused a parameter: ${quirk}.`),
  ];
}

function Passed({ latency_ms, models, findings }: Extract<ProviderTest, { ok: true }>) {
  return (
    <Alert
      w="100%"
      color="brand"
      role="status"
      icon={<IconCircleCheck aria-hidden />}
      title={`Test passed in ${formatDuration(latency_ms)}`}
    >
      {findings !== null && sentencesOf(findings).join(' ')}
      {models !== null &&
        (models.length === 0 ? 'The provider lists no models.' : `Models: ${namesOf(models)}.`)}
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
