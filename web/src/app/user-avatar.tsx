import { Avatar } from '@mantine/core';
import { useUser } from '../features/auth/auth-context.tsx';

/** The initials of the user, which open the account menu. */
export function UserAvatar() {
  const { name, email } = useUser();
  return <Avatar name={name ?? email} color="brand" size={34} radius="xl" alt="" aria-hidden />;
}
