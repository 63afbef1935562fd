import { Alert, Button, Group, Text, Title } from '@mantine/core';
import { IconTagOff } from '@tabler/icons-react';
import type { ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { useCurrency } from '../../../lib/currency.ts';
import type { RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import type { CatalogModel } from '../api/catalog.ts';
import { PriceList } from './price-list.tsx';

type ModelPricesProps = {
  model: CatalogModel;
  prices: RowsQuery<ModelPrice>;
  /** True when the signed-in admin sets the cost. */
  isOwn: boolean;
  onPrice: () => void;
};

/** The versions of a model's price, with a button that adds one. */
export function ModelPrices({ model, prices, isOwn, onPrice }: ModelPricesProps) {
  const isPlatform = useUser().role === 'superadmin';
  const { currency_name } = useCurrency();
  return (
    <section aria-labelledby="prices">
      <Group justify="space-between" mb="sm" align="end">
        <div>
          <Title order={2} id="prices">
            Prices
          </Title>
          <Text size="xs" c="dimmed">
            {isOwn
              ? `Price in ${currency_name} per 1,000 tokens, cost in US dollars per million tokens.`
              : `Price in ${currency_name} per 1,000 tokens. The platform sets the cost in US dollars per million tokens.`}
          </Text>
        </div>
        {(isOwn || model.price !== null) && (
          <Button size="xs" onClick={onPrice}>
            New price
          </Button>
        )}
      </Group>
      <PriceList
        query={prices}
        model={model}
        isPlatform={isPlatform}
        empty={
          <Alert color="yellow" icon={<IconTagOff aria-hidden />} title="No price yet">
            {isOwn
              ? 'Requests for this model are refused until you add a price.'
              : 'The platform has not priced this model yet. You can set your own price once it has.'}
          </Alert>
        }
      />
    </section>
  );
}
