import { Badge } from '@mantine/core';
import tones from '../../../ui/tones.module.css';
import type { Method } from '../document.ts';

const toneOf: Record<Method, keyof typeof tones> = {
  get: 'info',
  post: 'good',
  put: 'warn',
  patch: 'warn',
  delete: 'bad',
};

/** An HTTP method. Narrow badges have one width, for lists. */
export const MethodBadge = ({ method, isNarrow = false }: { method: Method; isNarrow?: boolean }) => (
  <Badge
    component="span"
    ff="monospace"
    fw={650}
    fz={isNarrow ? '0.625rem' : 'xs'}
    px={isNarrow ? 4 : 8}
    w={isNarrow ? 48 : undefined}
    miw={isNarrow ? 48 : undefined}
    className={tones[toneOf[method]] ?? ''}
  >
    {method.toUpperCase()}
  </Badge>
);
