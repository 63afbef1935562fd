import { Button, Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { usePageTitle } from '../../../lib/use-page-title.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { referenceQuery } from '../api/api-reference.ts';
import { NavigationLoading } from '../components/navigation-loading.tsx';
import { Overview } from '../components/overview.tsx';
import { ReferenceLayout } from '../components/reference-layout.tsx';
import { ReferenceNavigation } from '../components/reference-navigation.tsx';
import { SectionView } from '../components/section-view.tsx';
import type { Reference } from '../reference.ts';
import { useAnchor, useCurrentAnchor } from '../use-anchor.ts';

/** A skeleton of the overview. */
const Loading = () => (
  <Stack aria-busy>
    <VisuallyHidden>Loading</VisuallyHidden>
    <Skeleton h={32} w={220} />
    <Skeleton h={16} w="70%" />
    <Skeleton h={140} mt="md" />
    <Skeleton h={220} />
  </Stack>
);

function UnknownSection() {
  usePageTitle('Not found');
  return (
    <EmptyState
      isPage
      icon={<IconMapQuestion />}
      title="Group not found"
      action={
        <Button component={Link} to={paths.apiReference}>
          Go to the overview
        </Button>
      }
    >
      It may have been renamed. Use the search to find an operation.
    </EmptyState>
  );
}

const overviewAnchors = ['base-urls', 'authentication', 'errors'];

function ReferenceBody({ reference, slug }: { reference: Reference; slug: string | undefined }) {
  const section = reference.sections.find((one) => one.slug === slug);
  const anchors = useMemo(() => section?.operations.map(({ id }) => id) ?? overviewAnchors, [section]);
  const anchor = useCurrentAnchor(anchors);
  useAnchor();
  const content = () => {
    if (slug === undefined) return <Overview reference={reference} />;
    return section === undefined ? <UnknownSection /> : <SectionView key={slug} section={section} />;
  };
  return (
    <ReferenceLayout
      navigation={<ReferenceNavigation reference={reference} place={{ slug: slug ?? null, anchor }} />}
    >
      {content()}
    </ReferenceLayout>
  );
}

/** The API reference, made from the OpenAPI document. Open to everybody. */
export function ApiReferencePage() {
  usePageTitle('API reference');
  const { section } = useParams();
  const { data: reference, error, refetch } = useQuery(referenceQuery);
  if (reference !== undefined) return <ReferenceBody reference={reference} slug={section} />;
  return (
    <ReferenceLayout navigation={error === null ? <NavigationLoading /> : null}>
      {error === null ? <Loading /> : <ErrorAlert error={error} onRetry={refetch} />}
    </ReferenceLayout>
  );
}
