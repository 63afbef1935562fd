import { Alert, Button, Group, Text, Title } from '@mantine/core';
import { IconTagOff } from '@tabler/icons-react';
import type { ModelPrice } from '../../../../../contracts/api/catalog.ts';
import { useUser } from '../../auth/auth-context.tsx';
import type { CatalogModel } from '../api/catalog.ts';
import { PriceList } from './price-list.tsx';

type ModelPricesProps = {
  model: CatalogModel;
  prices: ModelPrice[];
  /** What the provider takes is ours to say. */
  isOwn: boolean;
  onPrice: () => void;
};

/** What a model costs, and the way to a new version of it. */
export function ModelPrices({ model, prices, isOwn, onPrice }: ModelPricesProps) {
  const isPlatform = useUser().role === 'superadmin';
  return (
    <section aria-labelledby="prices">
      <Group justify="space-between" mb="sm" align="end">
        <div>
          <Title order={2} id="prices">
            Prices
          </Title>
          <Text size="xs" c="dimmed">
            {isOwn
              ? 'Wallet tokens per 1,000, and what the provider takes per million.'
              : 'Wallet tokens per 1,000. What the provider takes per million, the platform’s own list says.'}
          </Text>
        </div>
        {(isOwn || model.price !== null) && (
          <Button size="xs" onClick={onPrice}>
            New price
          </Button>
        )}
      </Group>
      {prices.length === 0 ? (
        <Alert color="yellow" icon={<IconTagOff aria-hidden />} title="Refused until it has a price">
          {isOwn
            ? 'A model without a price is refused, never given away.'
            : 'The platform has not priced this model yet. You can price it for your users once it has.'}
        </Alert>
      ) : (
        <PriceList items={prices} inForce={model.price} isPlatform={isPlatform} />
      )}
    </section>
  );
}
