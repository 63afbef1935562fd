import { expect, it } from 'vitest';
import type { NewMessage } from '../../../contracts/api/conversations.ts';
import { titleOf } from '../../../worker/conversations/title.ts';

const prompt = (content: string) => titleOf({ parent_id: null, role: 'user', content });

it.each([
  ['a short prompt is the title', 'What is an edge?', 'What is an edge?'],
  ['a heading loses its marks', '## **Plan** the launch', 'Plan the launch'],
  ['an empty first line is passed over', '\n```\n\n  Explain this', 'Explain this'],
  ['space between words is one space', 'a  \t b', 'a b'],
  ['a prompt without letters has no title of its own', '!!! ???', 'New conversation'],
])('%s', (_, text, title) => {
  expect(prompt(text)).toBe(title);
});

it('a long prompt is cut between words, with an ellipsis, within the limit', () => {
  const title = prompt('Write a short, friendly email that moves our meeting, on Thursday, to Friday at ten');
  expect(title).toBe('Write a short, friendly email that moves our meeting, on…');
});

it('a long word is cut where the limit is, between characters', () => {
  expect(prompt('😀'.repeat(80))).toBe('New conversation');
  expect(prompt('é'.repeat(80))).toBe(`${'é'.repeat(60)}…`);
});

it('a prompt of parts takes its first text, or the name of a file, or the kind', () => {
  const source = { kind: 'base64' as const, media_type: 'image/png' as const, data: 'AAAA' };
  const image = { type: 'image' as const, source };
  const report = { kind: 'base64' as const, media_type: 'application/pdf' as const, data: 'AAAA' };
  const of = (content: Extract<NewMessage, { role: 'user' }>['content']) =>
    titleOf({ parent_id: null, role: 'user', content });
  expect(of([image, { type: 'text', text: 'What is this?' }])).toBe('What is this?');
  expect(of([image])).toBe('Image');
  expect(of([{ type: 'document', title: 'report.pdf', source: report }])).toBe('report.pdf');
});
