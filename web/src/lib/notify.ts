import { notifications } from '@mantine/notifications';

type Notice = { color: 'brand' | 'yellow'; title: string; message: string };

/** Tells something that happened, on top of whatever page is open. */
export function notify(notice: Notice): void {
  notifications.show({ ...notice, closeButtonProps: { 'aria-label': 'Dismiss' } });
}
