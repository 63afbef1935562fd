import { ActionIcon } from '@mantine/core';
import { IconFile, IconX } from '@tabler/icons-react';
import type { Attachment } from '../attachments.ts';
import classes from './playground.module.css';

type AttachmentListProps = { attachments: Attachment[]; onRemove: (id: string) => void };

/** The files that are sent with the next prompt. */
export function AttachmentList({ attachments, onRemove }: AttachmentListProps) {
  if (attachments.length === 0) return null;
  return (
    <ul className={classes.files} aria-label="Files of this prompt">
      {attachments.map(({ id, name, part }) => (
        <li key={id} className={classes.file}>
          {part.type === 'image' && part.source.kind === 'base64' ? (
            <img
              className={classes.thumbnail}
              src={`data:${part.source.media_type};base64,${part.source.data}`}
              alt=""
            />
          ) : (
            <IconFile size={15} aria-hidden />
          )}
          <span className={classes.fileName}>{name}</span>
          <ActionIcon size="xs" onClick={() => onRemove(id)} aria-label={`Remove ${name}`}>
            <IconX size={13} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
