import type { IconHistory } from '@tabler/icons-react';

/** A page that a menu leads to. */
export type Destination = { to: string; label: string; icon: typeof IconHistory };

/** `current` marks the open page. */
export type NavigationLink = Destination & { current: boolean };
