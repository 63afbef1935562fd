import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type {
  ChangePasswordRequest,
  CloseAccountRequest,
} from '../../../../contracts/api/account/account.ts';
import type {
  Account,
  AuthResponse,
  LoginRequest,
  RegisterRequest,
} from '../../../../contracts/api/account/auth.ts';
import type { AcceptInvitationRequest } from '../../../../contracts/api/account/invitations.ts';
import { readActingToken } from '../../lib/acting-token.ts';
import {
  ApiError,
  listenForChangedRights,
  listenForSessionOver,
  readToken,
  TOKEN_KEY,
  writeToken,
} from '../../lib/api-client.ts';
import {
  endThisSession,
  fetchMe,
  postAcceptance,
  postClosing,
  postLogin,
  postLogout,
  postPassword,
  postRegister,
  postTicket,
} from './api/auth.ts';
import { type SecondStep, secondStepOf } from './second-step.ts';

type Auth = {
  /** undefined while the stored token is checked; null when nobody is signed in. */
  user: Account | null | undefined;
  /** The end of the last session: by choice, or because the API refused the token. */
  ended: { byChoice: boolean; notice: string | null; isDisabled: boolean } | null;
  /** The error that kept the stored token from being checked, or null. */
  failure: ApiError | null;
  /** Reads the user again. */
  retry(): void;
  /** The second step that a sign-in needs, or null. */
  secondStep: SecondStep | null;
  /** Leaves the second step. */
  cancelSecondStep(): void;
  /** Begins a session that the API has started. */
  begin(answer: AuthResponse): void;
  logIn(request: LoginRequest): Promise<void>;
  /** Creates an account. Resolves to `check_your_mail` if it waits until its address is verified; else its sign-in has begun. */
  register(request: RegisterRequest): Promise<'begun' | 'check_your_mail'>;
  /** Changes the password. The session goes on with another token. */
  changePassword(request: ChangePasswordRequest): Promise<void>;
  /** Ends a sign-in at an identity provider. */
  completeSignIn(ticket: string): Promise<void>;
  /** Closes the account, and ends the session here. */
  closeAccount(request: CloseAccountRequest): Promise<void>;
  /** Makes the account of an invitation. */
  accept(request: AcceptInvitationRequest): Promise<void>;
  /** Ends the session here in any case. Rejects when the server cannot be reached: the sessions then stay open there. */
  logOut(which: 'here' | 'everywhere'): Promise<void>;
};

const AuthContext = createContext<Auth | null>(null);

/** The shortest time between two reads of the user's rights. */
const READ_AGAIN_MIN_MS = 3_000;

const byChoice = { byChoice: true, notice: null, isDisabled: false };

/**
 * Provides the signed-in user. The token is in localStorage, so signing out in one tab signs out the others, but for tabs in which a
 * superadmin acts inside the tenant.
 */
export function AuthProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState<Account | null | undefined>(() =>
    readToken() === null ? null : undefined,
  );
  const [ended, setEnded] = useState<Auth['ended']>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [secondStep, setSecondStep] = useState<SecondStep | null>(null);
  const isLeaving = useRef(false);

  const end = useCallback((how: NonNullable<Auth['ended']>) => {
    writeToken(null);
    setUser(null);
    setEnded(how);
  }, []);

  const load = useCallback(() => {
    if (readToken() === null) return;
    setFailure(null);
    fetchMe().then(setUser, (error: unknown) => {
      // The listener below handles an ended session. Other errors keep the token, and can be retried.
      if (error instanceof ApiError && readToken() !== null) setFailure(error);
    });
  }, []);

  // Another role or level holds at once: it is read again when the API refuses something, and when the page is shown again.
  useEffect(() => {
    let readAtMs = Date.now();
    const readAgain = () => {
      if (readToken() === null || Date.now() - readAtMs < READ_AGAIN_MIN_MS) return;
      readAtMs = Date.now();
      fetchMe().then(
        (me) => readToken() !== null && setUser(me),
        () => undefined,
      );
    };
    listenForChangedRights(readAgain);
    const show = () => document.visibilityState === 'visible' && readAgain();
    document.addEventListener('visibilitychange', show);
    return () => document.removeEventListener('visibilitychange', show);
  }, []);

  useEffect(() => {
    listenForSessionOver((error) => {
      // Signing out ends the session here too, which may be reported before the answer to the request.
      if (isLeaving.current) return;
      end({ byChoice: false, notice: error.message, isDisabled: error.code === 'user_disabled' });
    });
    const follow = ({ key, newValue }: StorageEvent) => {
      if (readActingToken() !== null) return;
      if (key === TOKEN_KEY && newValue === null) end(byChoice);
      else if (key === TOKEN_KEY) load();
    };
    window.addEventListener('storage', follow);
    load();
    return () => window.removeEventListener('storage', follow);
  }, [load, end]);

  const auth = useMemo<Auth>(() => {
    const start = ({ token, user: signedIn }: AuthResponse) => {
      writeToken(token);
      setSecondStep(null);
      setEnded(null);
      setUser({ ...signedIn, acting: null });
    };
    /** Begins the second step of a sign-in. Throws any other error. */
    const ask = (error: unknown): null => {
      const step = secondStepOf(error);
      if (step === null) throw error;
      setSecondStep(step);
      return null;
    };
    const startOrAsk = async (signIn: Promise<AuthResponse>) => {
      const answer = await signIn.catch(ask);
      if (answer !== null) start(answer);
    };
    return {
      secondStep,
      cancelSecondStep: () => setSecondStep(null),
      begin: start,
      user,
      ended,
      failure,
      retry: load,
      logIn: (request) => startOrAsk(postLogin(request)),
      register: async (request) => {
        const registered = await postRegister(request).catch(ask);
        if (registered !== null && 'status' in registered) return registered.status;
        if (registered !== null) start(registered);
        return 'begun';
      },
      changePassword: async (request) => start(await postPassword(request)),
      completeSignIn: (ticket) => startOrAsk(postTicket(ticket)),
      closeAccount: async (request) => {
        isLeaving.current = true;
        try {
          await postClosing(request);
        } catch (error) {
          isLeaving.current = false;
          throw error;
        }
        isLeaving.current = false;
        end({ byChoice: true, notice: 'Your account is closed.', isDisabled: false });
      },
      accept: (request) => startOrAsk(postAcceptance(request)),
      logOut: async (which) => {
        isLeaving.current = true;
        try {
          // For a superadmin inside a tenant, logging out ends that session alone.
          await (which === 'here' && readActingToken() === null ? endThisSession() : postLogout());
        } finally {
          isLeaving.current = false;
          end(byChoice);
        }
      },
    };
  }, [user, ended, failure, secondStep, load, end]);

  return <AuthContext value={auth}>{children}</AuthContext>;
}

export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (auth === null) throw new Error('useAuth needs an AuthProvider above it');
  return auth;
}

/** The signed-in user, on pages that only exist for one. */
export function useUser(): Account {
  const { user } = useAuth();
  if (user === null || user === undefined) throw new Error('useUser needs a signed-in user');
  return user;
}
