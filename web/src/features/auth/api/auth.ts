import { queryOptions } from '@tanstack/react-query';
import type {
  ChangePasswordRequest,
  CloseAccountRequest,
} from '../../../../../contracts/api/account/account.ts';
import type { LoginRequest, RegisterRequest } from '../../../../../contracts/api/account/auth.ts';
import type { AcceptInvitationRequest } from '../../../../../contracts/api/account/invitations.ts';
import { ApiError, api, ask } from '../../../lib/api-client.ts';

export const fetchMe = () => ask(api.auth.me.$get());
export const postLogin = (request: LoginRequest) => ask(api.auth.login.$post({ json: request }));
export const postRegister = (request: RegisterRequest) => ask(api.auth.register.$post({ json: request }));
export const postPassword = (request: ChangePasswordRequest) =>
  ask(api.auth.password.$post({ json: request }));
export const postLogout = () => ask(api.auth.logout.$post());
/** Ends the session of this browser. One from before the platform kept sessions ends with all others. */
export const endThisSession = () =>
  ask(api.auth.sessions.current.$delete()).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'not_found') return postLogout();
    throw error;
  });
export const postAcceptance = (request: AcceptInvitationRequest) =>
  ask(api.auth.invitations.accept.$post({ json: request }));

export const postTicket = (ticket: string) => ask(api.auth['sign-in'].complete.$post({ json: { ticket } }));
export const postClosing = (request: CloseAccountRequest) => ask(api.auth.close.$post({ json: request }));

/** The invitation of a token. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: () => ask(api.auth.invitations.lookup.$post({ json: { token } })),
  });
