import { type DragEvent, useState } from 'react';
import { type Attachment, readAttachment } from './attachments.ts';
import { useConversationStore } from './conversation-context.tsx';

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

/** Adds files to the next prompt of a conversation. `fileError` says why the last ones were not taken. */
export function useAttach(conversationId: string) {
  const store = useConversationStore();
  const [fileError, setFileError] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);

  async function attach(files: File[]) {
    setFileError(null);
    for (const file of files) {
      const held = store.threadOf(conversationId).attachments.reduce((sum, { bytes }) => sum + bytes, 0);
      const read: Attachment | string = await readAttachment(file, held);
      if (typeof read === 'string') setFileError(read);
      else {
        const { attachments } = store.threadOf(conversationId);
        store.change(conversationId, { attachments: [...attachments, read] });
      }
    }
  }

  const dropZone = {
    onDragOver(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave: () => setIsOver(false),
    onDrop(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      attach([...event.dataTransfer.files]);
    },
  };
  return { attach, fileError, isOver, dropZone };
}
