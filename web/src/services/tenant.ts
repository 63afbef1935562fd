import { api, ask } from '../lib/api-client.ts';

export const fetchTenant = () => ask(api.tenant.$get());
