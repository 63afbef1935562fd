import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useAuth } from '../../auth/auth-context.tsx';
import { usableModelsQuery } from '../../executions/api/executions.ts';
import type { Section } from '../reference.ts';
import { OperationView } from './operation-view.tsx';

/** The name of a model the reader may use; undefined while it loads, and for a reader who is signed out. */
function useOwnModel(): string | undefined {
  const { user } = useAuth();
  const isSignedIn = user !== null && user !== undefined;
  const { data: models } = useQuery({ ...usableModelsQuery, enabled: isSignedIn });
  return models?.[0]?.name;
}

/** A group of operations. */
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
