import { Notifications } from '@mantine/notifications';

/** The place of short notices. A module of its own, since a lazy import of the library would load all of it. */
export const Toasts = () => <Notifications position="top-center" />;
