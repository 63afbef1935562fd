import { useQuery } from '@tanstack/react-query';
import { modelKindIds, modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useAuth } from '../../auth/auth-context.tsx';
import { usableModelsQuery } from '../../executions/api/executions.ts';
import type { Section } from '../reference.ts';
import { OperationView } from './operation-view.tsx';

/**
 * Returns a function for the name of a model that the reader may use at the path of an operation. The name is undefined while it loads,
 * and for a reader who is signed out.
 */
function useOwnModels(): (path: string) => string | undefined {
  const { user } = useAuth();
  const isSignedIn = user !== null && user !== undefined;
  const { data: models } = useQuery({ ...usableModelsQuery, enabled: isSignedIn });
  return (path) => {
    const kind = modelKindIds.find((one) => modelKinds[one].endpoint === path) ?? 'chat';
    return models?.find((model) => model.kind === kind)?.name;
  };
}

/** A group of operations. */
export function SectionView({ section: { title, description, operations } }: { section: Section }) {
  const modelAt = useOwnModels();
  return (
    <>
      <PageHeader title={title}>{description}</PageHeader>
      {operations.map((operation) => (
        <OperationView key={operation.id} operation={operation} model={modelAt(operation.path)} />
      ))}
    </>
  );
}
