import type { LoginRequest, RegisterRequest } from '../../../../../contracts/api/auth.ts';
import { api, ask } from '../../../lib/api-client.ts';

export const fetchMe = () => ask(api.auth.me.$get());
export const postLogin = (request: LoginRequest) => ask(api.auth.login.$post({ json: request }));
export const postRegister = (request: RegisterRequest) => ask(api.auth.register.$post({ json: request }));
export const postLogout = () => ask(api.auth.logout.$post());
