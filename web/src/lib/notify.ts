import { notifications } from '@mantine/notifications';

type Notice = { color: 'brand' | 'yellow'; title: string; message: string };

/** Shows a notification above the page. */
export function notify(notice: Notice): void {
  notifications.show({ ...notice, closeButtonProps: { 'aria-label': 'Dismiss' } });
}
