import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { AuthResponse, LoginRequest, RegisterRequest, User } from '../../../contracts/api/auth.ts';
import { ApiError, api, ask, listenForSessionOver, readToken, writeToken } from '../lib/api-client.ts';

type Auth = {
  /** undefined while the stored token is being checked; null when nobody is signed in. */
  user: User | null | undefined;
  /** Why the last session ended, to be told on the sign-in page. */
  notice: string | null;
  /** The stored token could not be checked: the server is not there. */
  failure: ApiError | null;
  retry(): void;
  logIn(request: LoginRequest): Promise<void>;
  register(request: RegisterRequest): Promise<void>;
  logOut(): Promise<void>;
};

const AuthContext = createContext<Auth | null>(null);

export function AuthProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState<User | null | undefined>(() => (readToken() === null ? null : undefined));
  const [notice, setNotice] = useState<string | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);

  const load = useCallback(() => {
    if (readToken() === null) return;
    setFailure(null);
    ask(api.auth.me.$get()).then(setUser, (error: unknown) => {
      // An ended session is handled below; anything else keeps the token and offers another try.
      if (error instanceof ApiError && readToken() !== null) setFailure(error);
    });
  }, []);

  useEffect(() => {
    listenForSessionOver((error) => {
      writeToken(null);
      setUser(null);
      setNotice(error.message);
    });
    load();
  }, [load]);

  const auth = useMemo<Auth>(() => {
    const start = ({ token, user: signedIn }: AuthResponse) => {
      writeToken(token);
      setNotice(null);
      setUser(signedIn);
    };
    return {
      user,
      notice,
      failure,
      retry: load,
      logIn: async (request) => start(await ask(api.auth.login.$post({ json: request }))),
      register: async (request) => start(await ask(api.auth.register.$post({ json: request }))),
      logOut: async () => {
        await ask(api.auth.logout.$post());
        writeToken(null);
        setUser(null);
      },
    };
  }, [user, notice, failure, load]);

  return <AuthContext value={auth}>{children}</AuthContext>;
}

export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (auth === null) throw new Error('useAuth needs an AuthProvider above it');
  return auth;
}

/** The signed-in user, on pages that only exist for one. */
export function useUser(): User {
  const { user } = useAuth();
  if (user === null || user === undefined) throw new Error('useUser needs a signed-in user');
  return user;
}
