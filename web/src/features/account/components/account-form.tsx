import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import type { ServerForm } from '../../../ui/form/use-server-form.ts';

type SectionProps = { title: string; about: ReactNode; children: ReactNode };

/** One part of the account page. */
export function AccountSection({ title, about, children }: SectionProps) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} withBorder padding="lg" maw={620}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="md" component="div">
        {about}
      </Text>
      {children}
    </Card>
  );
}

type AccountFormProps<Draft, Request> = {
  serverForm: Pick<ServerForm<Draft, Request>, 'formRef' | 'submit' | 'isSending' | 'error'>;
  action: string;
  children: ReactNode;
};

/** A form of the account page, with its button. */
export function AccountForm<Draft, Request>({
  serverForm,
  action,
  children,
}: AccountFormProps<Draft, Request>) {
  const { formRef, submit, isSending, error } = serverForm;
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        {children}
        {error !== null && <ErrorAlert error={error} />}
        <Group>
          <Button type="submit" loading={isSending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
