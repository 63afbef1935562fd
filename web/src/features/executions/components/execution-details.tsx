import { Alert, Group, Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconGauge } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Execution, ExecutionReceipt } from '../../../../../contracts/api/executions.ts';
import { modelKind } from '../../../../../contracts/catalog/model-kinds.ts';
import type { Routing } from '../../../../../contracts/catalog/model-routing.ts';
import {
  classesOfKind,
  isOptionalClass,
  tokensOf,
  usageClasses,
} from '../../../../../contracts/catalog/price.ts';
import type { Usage } from '../../../../../contracts/usage.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatDuration, formatMicroUsd, formatTime, formatTokens, sentence } from '../../../lib/format.ts';
import { classNames } from '../../../lib/usage-classes.ts';
import { useNow } from '../../../lib/use-now.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import { Attempts } from './attempts.tsx';
import { Content } from './content.tsx';
import { Receipt } from './receipt.tsx';
import { DetailSection } from './section.tsx';
import { WorkedOut } from './worked-out.tsx';

function Figure({ label, value, hint }: { label: string; value: string; hint: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Text fz="1.25rem" fw={650} className="figure" lts="-0.01em">
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}

/** The classes to show: those of the task, optional ones only where there are any. */
function shownClasses(usage: Usage, task: Execution['task']) {
  const classes = classesOfKind(modelKind.safeParse(task).data ?? 'chat');
  return usageClasses.filter(
    (name) => tokensOf(usage, name) > 0 || (classes.includes(name) && !isOptionalClass(name)),
  );
}

const sourceWords = {
  reported: 'Reported by the provider, in its own tokens.',
  estimated: 'Estimated: the provider reported no usage.',
  clamped: 'The provider reported more than was possible: you pay for the possible maximum only.',
};

function UsageTable({ usage, execution }: { usage: Usage; execution: Execution }) {
  const { usage_source: source, task } = execution;
  return (
    <>
      <Table className={list.table} verticalSpacing={8} horizontalSpacing={0} aria-label="Usage">
        <Table.Tbody>
          {shownClasses(usage, task).map((name) => (
            <Table.Tr key={name}>
              <Table.Td>
                {classNames[name]}
                {name === 'output' && usage.reasoning_tokens > 0 && (
                  <Text size="xs" c="dimmed">
                    including {formatTokens(usage.reasoning_tokens)} for reasoning
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={list.number}>{formatTokens(tokensOf(usage, name))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="sm">
        {source === null ? null : sourceWords[source]}
      </Text>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" mih={30}>
      <Text size="sm" c="dimmed" flex="none">
        {label}
      </Text>
      {children}
    </Group>
  );
}

const strategyWords = {
  priority: 'By priority',
  weighted: 'At random, by weight',
  least_latency: 'The fastest first',
};

const routingWords = ({ strategy, kept }: Routing): string =>
  kept ? 'Where the conversation was answered before' : strategyWords[strategy];

function Identity({ execution }: { execution: Execution }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing={4}>
      <Fact label="Execution">
        <Copyable value={execution.id} label="Copy the execution's id" />
      </Fact>
      <Fact label="User">
        <Copyable value={execution.user_id} label="Copy the user's id" />
      </Fact>
      <Fact label="Started">
        <Text size="sm">{formatTime(execution.created_at)}</Text>
      </Fact>
      {execution.finished_at !== null && (
        <Fact label="Finished">
          <Text size="sm">{formatTime(execution.finished_at)}</Text>
        </Fact>
      )}
      {execution.routing !== null && (
        <Fact label="Asked for">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {execution.routing.asked_models.join(', ')}
          </Text>
        </Fact>
      )}
      {execution.routing !== null && (
        <Fact label="Providers tried">
          <Text size="sm">{routingWords(execution.routing)}</Text>
        </Fact>
      )}
      {execution.response_cache !== null && (
        <Fact label="Response cache">
          <Text size="sm">Kept answer, at {execution.response_cache.price_percent} % of the price</Text>
        </Fact>
      )}
      {execution.finish_reason !== null && (
        <Fact label="Ended by">
          <Text size="sm">{sentence(execution.finish_reason)}</Text>
        </Fact>
      )}
    </SimpleGrid>
  );
}

/** The tokens the wallet lacked for a run that only a hard limit refuses. */
function Shortfall({ tokens }: { tokens: number }) {
  const currency = useCurrency();
  return (
    <Alert color="yellow" icon={<IconGauge aria-hidden />} title="The balance did not cover this run">
      The balance was {formatAmount(tokens, currency)} short. A hard limit would have refused this run.
    </Alert>
  );
}

/** The duration of an execution, so far while it runs. */
function Took({ execution }: { execution: Execution }) {
  const { status, provider, response_cache, created_at, finished_at } = execution;
  const nowMs = useNow();
  const began = Date.parse(created_at);
  if (status === 'running')
    return (
      <Figure
        label="Running for"
        value={formatDuration(1_000 * Math.max(0, Math.round((nowMs - began) / 1_000)))}
        hint="At most an hour"
      />
    );
  const took = finished_at === null ? null : Date.parse(finished_at) - began;
  return (
    <Figure
      label="Took"
      value={took === null ? '–' : formatDuration(took)}
      hint={
        response_cache !== null
          ? 'From the response cache'
          : provider === null
            ? 'No provider answered'
            : `By ${provider.name}`
      }
    />
  );
}

function AttemptsSection({ execution }: { execution: ExecutionReceipt }) {
  const { attempts, status, response_cache } = execution;
  return (
    <DetailSection title="Attempts">
      {attempts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {status === 'running'
            ? 'No attempt has ended yet.'
            : response_cache === null
              ? 'No provider was called.'
              : 'No provider was called: the answer was kept from an equal request.'}
        </Text>
      ) : (
        <Attempts execution={execution} />
      )}
    </DetailSection>
  );
}

function UsageSection({ execution }: { execution: Execution }) {
  const { usage, status } = execution;
  return (
    <DetailSection title="Usage">
      {usage === null ? (
        <Text size="sm" c="dimmed">
          {status === 'running' ? 'Available when the answer is complete.' : 'No usage, no charge.'}
        </Text>
      ) : (
        <UsageTable usage={usage} execution={execution} />
      )}
    </DetailSection>
  );
}

/** One execution in full: figures, receipt, attempts, usage, calculation, content and ids. */
export function ExecutionDetails({ execution }: { execution: ExecutionReceipt }) {
  const currency = useCurrency();
  const { shortfall, status, cost_micro_usd } = execution;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: cost_micro_usd === undefined ? 3 : 4 }} spacing="sm">
        <Figure
          label="Charged"
          value={formatTokens(execution.tokens_charged)}
          hint={currency.currency_name}
        />
        <Figure
          label="Held while running"
          value={formatTokens(execution.tokens_reserved)}
          hint={status === 'running' ? 'The most it can cost' : 'The rest was returned'}
        />
        <Took execution={execution} />
        {cost_micro_usd !== undefined && (
          <Figure label="Provider cost" value={formatMicroUsd(cost_micro_usd)} hint="At list price" />
        )}
      </SimpleGrid>
      {shortfall !== null && <Shortfall tokens={shortfall} />}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Receipt execution={execution} />
        <Stack gap="sm">
          <AttemptsSection execution={execution} />
          <UsageSection execution={execution} />
        </Stack>
      </SimpleGrid>
      <WorkedOut execution={execution} />
      <Content execution={execution} />
      <DetailSection title="Details">
        <Identity execution={execution} />
      </DetailSection>
    </Stack>
  );
}
