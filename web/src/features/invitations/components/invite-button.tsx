import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { InvitationWithLink } from '../../../../../contracts/api/account/invitations.ts';
import { InviteDialog, LinkDialog } from './invitation-dialogs.tsx';

/** Invites somebody and shows the link. */
export function InviteButton() {
  const [isOpen, setOpen] = useState(false);
  const [shown, setShown] = useState<InvitationWithLink | null>(null);
  return (
    <>
      <Button leftSection={<IconUserPlus size={17} aria-hidden />} onClick={() => setOpen(true)}>
        Invite
      </Button>
      {isOpen && (
        <InviteDialog
          onClose={() => setOpen(false)}
          onDone={(invitation) => {
            setOpen(false);
            setShown(invitation);
          }}
        />
      )}
      {shown !== null && <LinkDialog invitation={shown} onClose={() => setShown(null)} />}
    </>
  );
}
