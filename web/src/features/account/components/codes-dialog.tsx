import { Modal } from '@mantine/core';
import { RecoveryCodes } from '../../../ui/recovery-codes.tsx';

/** New recovery codes, which are shown once. A click outside does not close the dialog. */
export function CodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Your recovery codes"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <RecoveryCodes codes={codes} onDone={onClose} />
    </Modal>
  );
}
