import { Alert, Box, Button } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { TurnstileAction } from '../../../../../contracts/api/account/turnstile.ts';
import type { PublicTenant } from '../../../../../contracts/api/tenant/tenant.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';

/** The part of Turnstile's script that is used (developers.cloudflare.com/turnstile). */
type Turnstile = {
  render(
    container: HTMLElement,
    options: {
      sitekey: string;
      action: TurnstileAction;
      size: 'flexible';
      callback: (token: string) => void;
      'expired-callback': () => void;
      'error-callback': () => void;
    },
  ): string;
  reset(id: string): void;
  remove(id: string): void;
};

const scriptOf = () => (globalThis as { turnstile?: Turnstile }).turnstile;

/** Loads the script, once unless it failed. */
let loading: Promise<Turnstile> | null = null;
function loadTurnstile(url: string): Promise<Turnstile> {
  loading ??= new Promise<Turnstile>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.async = true;
    script.onload = () => {
      const turnstile = scriptOf();
      if (turnstile === undefined) reject(new Error('The script of Turnstile has no widget'));
      else resolve(turnstile);
    };
    script.onerror = () => reject(new Error('The script of Turnstile cannot be loaded'));
    document.head.appendChild(script);
  }).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

type Shown = { turnstile: Turnstile; id: string };

type TurnstileCheck = {
  /** The widget; null where none is needed. */
  field: ReactNode;
  /** Its part of the request's body. */
  body: { turnstile_token?: string };
  /** True until the token is there. */
  isWaiting: boolean;
  /** Asks for another token: each works once. */
  reset: () => void;
};

function useWidget(
  widget: PublicTenant['turnstile'],
  action: TurnstileAction,
): {
  box: React.RefObject<HTMLDivElement | null>;
  token: string | null;
  hasFailed: boolean;
  reset: () => void;
} {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<Shown | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const [hasFailed, setFailed] = useState(false);
  /** Attempts to load the script so far. */
  const [attempt, setAttempt] = useState(1);
  useEffect(() => {
    if (widget === null || attempt === 0) return;
    let isGone = false;
    const fail = () => !isGone && setFailed(true);
    loadTurnstile(widget.script_url).then((turnstile) => {
      if (isGone || box.current === null) return;
      const id = turnstile.render(box.current, {
        ...{ sitekey: widget.site_key, action, size: 'flexible', callback: setToken },
        'expired-callback': () => setToken(null),
        'error-callback': fail,
      });
      shown.current = { turnstile, id };
    }, fail);
    return () => {
      isGone = true;
      shown.current?.turnstile.remove(shown.current.id);
      shown.current = null;
    };
  }, [widget, action, attempt]);
  const reset = useCallback(() => {
    setToken(null);
    setFailed(false);
    if (shown.current === null) setAttempt((count) => count + 1);
    else shown.current.turnstile.reset(shown.current.id);
  }, []);
  return { box, token, hasFailed, reset };
}

/** Cloudflare's check that somebody is a person, where the platform has it. */
export function useTurnstile(action: TurnstileAction): TurnstileCheck {
  const { turnstile: widget } = useTenant();
  const { box, token, hasFailed, reset } = useWidget(widget, action);
  if (widget === null) return { field: null, body: {}, isWaiting: false, reset };
  const field = (
    <>
      <Box ref={box} role="group" aria-label="Check that you are a person" />
      {hasFailed && (
        <Alert color="yellow" role="alert" title="The check that you are a person failed">
          <Button variant="default" size="xs" onClick={reset}>
            Try again
          </Button>
        </Alert>
      )}
    </>
  );
  return { field, body: token === null ? {} : { turnstile_token: token }, isWaiting: token === null, reset };
}
