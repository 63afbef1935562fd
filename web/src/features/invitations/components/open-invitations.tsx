import { Box, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Invitation, InvitationWithLink } from '../../../../../contracts/api/account/invitations.ts';
import { notify } from '../../../lib/notify.ts';
import { invitationsQuery } from '../api/invitations.ts';
import { LinkDialog, NewLinkDialog, RevokeDialog } from './invitation-dialogs.tsx';
import { type InvitationAction, InvitationList } from './invitation-list.tsx';

/** The invitations that can be accepted, with their actions. Nothing when there are none. */
export function OpenInvitations() {
  const invitations = useInfiniteQuery(invitationsQuery);
  const [opened, setOpened] = useState<{ invitation: Invitation; action: InvitationAction } | null>(null);
  const [shown, setShown] = useState<InvitationWithLink | null>(null);
  const close = () => setOpened(null);
  if (invitations.error === null && !invitations.data?.length && shown === null) return null;
  return (
    <Box component="section" aria-label="Open invitations" mt="xl">
      <Title order={2} size="h4" mb="sm">
        Open invitations
      </Title>
      <InvitationList query={invitations} onAct={(invitation, action) => setOpened({ invitation, action })} />
      {opened?.action === 'renew' && (
        <NewLinkDialog
          invitation={opened.invitation}
          onClose={close}
          onDone={(invitation) => {
            close();
            setShown(invitation);
          }}
        />
      )}
      {opened?.action === 'revoke' && (
        <RevokeDialog
          invitation={opened.invitation}
          onClose={close}
          onDone={() => {
            close();
            notify({
              color: 'brand',
              title: 'Revoked',
              message: `The link of ${opened.invitation.email} no longer works.`,
            });
          }}
        />
      )}
      {shown !== null && <LinkDialog invitation={shown} onClose={() => setShown(null)} />}
    </Box>
  );
}
