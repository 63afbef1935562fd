import { Alert, Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconTagStarred } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ListPriceChange } from '../../../../../contracts/api/catalog.ts';
import type { ListPriceRequest } from '../../../../../contracts/api/list-prices.ts';
import { formatDate, formatMicroUsd } from '../../../lib/format.ts';
import { classNames } from '../../../lib/usage-classes.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { tenantSettingsQuery } from '../../settings/api/tenant-settings.ts';
import type { CatalogModel } from '../api/catalog.ts';
import { decideListPrice } from '../api/list-prices.ts';
import { changedClasses, rescaledRates } from '../list-price-change.ts';
import { Margin } from './margin.tsx';

type NoticeProps = { model: CatalogModel; onDone: (message: string) => void };

function Changes({ model, change }: { model: CatalogModel; change: ListPriceChange }) {
  const settings = useQuery(tenantSettingsQuery);
  if (settings.data === undefined) return null;
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table aria-label="Changes of the list price" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Per million tokens</Table.Th>
            <Table.Th>Cost</Table.Th>
            <Table.Th>New cost</Table.Th>
            <Table.Th>Margin</Table.Th>
            <Table.Th>New margin</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changedClasses(model, change, settings.data.wallet_tokens_per_usd).map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td>{classNames[row.name]}</Table.Td>
              <Table.Td className="figure">{formatMicroUsd(row.before)}</Table.Td>
              <Table.Td className="figure">{formatMicroUsd(row.after)}</Table.Td>
              <Table.Td>
                <Margin margin={row.margin_before} />
              </Table.Td>
              <Table.Td>
                <Margin margin={row.margin_after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Decision(props: { modelId: string; request: ListPriceRequest; label: string; onDone: () => void }) {
  const { modelId, request, label, onDone } = props;
  const { mutate, isPending, error } = useMutation(decideListPrice(modelId, request));
  return (
    <Stack gap={4}>
      <Button
        size="xs"
        variant={request.decision === 'keep' ? 'default' : 'filled'}
        loading={isPending}
        onClick={() => mutate(undefined, { onSuccess: onDone })}
      >
        {label}
      </Button>
      {error !== null && <ErrorAlert error={error} />}
    </Stack>
  );
}

/** Tells that the list price of a model changed, and asks to accept the new cost or to keep the old one. */
export function ListPriceNotice({ model, onDone }: NoticeProps) {
  const { list_price_change: change, price } = model;
  if (change === null) return null;
  const sameMargin = price === null ? null : rescaledRates(price, change);
  return (
    <Alert
      color="yellow"
      icon={<IconTagStarred aria-hidden />}
      title={`The list price changed on ${formatDate(change.changed_at)}`}
    >
      <Text size="sm" mb="xs">
        The provider charges a new price for {model.provider_model}. Accept it to record the new cost. Users
        pay the same unless you also raise or lower your price.
      </Text>
      <Changes model={model} change={change} />
      <Group gap="xs" mt="sm">
        {price !== null && (
          <Decision
            modelId={model.id}
            request={{ decision: 'accept' }}
            label="Accept the new cost"
            onDone={() => onDone('The new cost applies from now on. Your price stays the same.')}
          />
        )}
        {sameMargin !== null && (
          <Decision
            modelId={model.id}
            request={{ decision: 'accept', wallet_tokens_per_1000: sameMargin }}
            label="Accept and keep my margin"
            onDone={() => onDone('The new cost and the new price apply from now on.')}
          />
        )}
        <Decision
          modelId={model.id}
          request={{ decision: 'keep' }}
          label="Keep the old cost"
          onDone={() => onDone('The cost stays as it is.')}
        />
      </Group>
    </Alert>
  );
}
