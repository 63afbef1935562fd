import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type { SetModelNameRequest } from '../../../../../contracts/api/model-names.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { CATALOG_KEY } from '../../providers/api/providers.ts';

const names = api.admin['model-names'];

/** The public names with their aliases and their routing. */
export const modelNamesQuery = queryOptions({
  queryKey: [...CATALOG_KEY, 'names'],
  queryFn: () => ask(names.$get()),
  select: ({ items }) => items,
});

/** Sets the aliases and the routing of a name, which can contain slashes. */
export const setModelName = (name: string) =>
  mutationOptions({
    mutationFn: (request: SetModelNameRequest) =>
      ask(names[':name'].$put({ param: { name: encodeURIComponent(name) }, json: request })),
    meta: { invalidates: [CATALOG_KEY] },
  });
