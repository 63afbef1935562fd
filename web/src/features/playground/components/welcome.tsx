import { Box, Text, Title, UnstyledButton } from '@mantine/core';
import { useUser } from '../../auth/auth-context.tsx';
import classes from './playground.module.css';

const suggestions = [
  {
    title: 'Draft an email',
    prompt: 'Write a short, friendly email that moves our Thursday meeting to Friday at 10.',
  },
  {
    title: 'Explain a concept',
    prompt: 'Explain compound interest to a curious twelve-year-old, with one example.',
  },
  {
    title: 'Plan a launch',
    prompt: 'List the ten things to check in the last week before launching a small web shop.',
  },
];

/** The start of a conversation, with three example prompts. */
export function Welcome({ onPick }: { onPick: (prompt: string) => void }) {
  const { name } = useUser();
  const firstName = name?.split(' ')[0];
  return (
    <div className={classes.welcome}>
      <Box>
        <Title order={1} lts="-0.02em">
          {firstName === undefined ? 'Welcome' : `Welcome, ${firstName}`}
        </Title>
        <Text c="dimmed" mt={4}>
          Pick a model and ask. Each answer shows its cost.
        </Text>
      </Box>
      <div className={classes.suggestions}>
        {suggestions.map(({ title, prompt }) => (
          <UnstyledButton key={title} className={classes.suggestion} onClick={() => onPick(prompt)}>
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <Text size="sm" c="dimmed" mt={2}>
              {prompt}
            </Text>
          </UnstyledButton>
        ))}
      </div>
    </div>
  );
}
