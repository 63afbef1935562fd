import { Code } from '@mantine/core';
import { sentencePieces } from '../sentences.ts';

/** Text with `code` between backticks. */
export const InlineText = ({ children }: { children: string }) =>
  sentencePieces(children).map(({ at, text, isCode }) =>
    isCode ? <Code key={at}>{text}</Code> : <span key={at}>{text}</span>,
  );
