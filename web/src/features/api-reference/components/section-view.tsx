import { useCallback } from 'react';
import { useAnswer } from '../../../lib/use-answer.ts';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useAuth } from '../../auth/auth-context.tsx';
import { fetchModels } from '../../executions/api/executions.ts';
import type { Section } from '../reference.ts';
import { OperationView } from './operation-view.tsx';

/** A model that the reader may call; undefined for who is signed out, and until it is known. */
function useOwnModel(): string | undefined {
  const { user } = useAuth();
  const isSignedIn = user !== null && user !== undefined;
  const { value } = useAnswer(useCallback(async () => (isSignedIn ? fetchModels() : null), [isSignedIn]));
  return value?.items[0]?.name;
}

/** A group of operations, one below the other. */
export function SectionView({ section: { title, description, operations } }: { section: Section }) {
  const model = useOwnModel();
  return (
    <>
      <PageHeader title={title}>{description}</PageHeader>
      {operations.map((operation) => (
        <OperationView key={operation.id} operation={operation} model={model} />
      ))}
    </>
  );
}
