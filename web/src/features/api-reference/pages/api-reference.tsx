import { Button, Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { usePageTitle } from '../../../lib/use-page-title.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { fetchReference } from '../api/api-reference.ts';
import { NavigationLoading } from '../components/navigation-loading.tsx';
import { Overview } from '../components/overview.tsx';
import { ReferenceLayout } from '../components/reference-layout.tsx';
import { ReferenceNavigation } from '../components/reference-navigation.tsx';
import { SectionView } from '../components/section-view.tsx';
import type { Reference } from '../reference.ts';
import { useAnchor, useCurrentAnchor } from '../use-anchor.ts';

/** The shape of the overview that is not there yet. */
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
      title="There is no such group of operations"
      action={
        <Button component={Link} to={paths.apiReference}>
          To the overview
        </Button>
      }
    >
      It may have another name by now. The search finds operations by their words.
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

/** The API as it describes itself, for people: signed in or not. */
export function ApiReferencePage() {
  usePageTitle('API reference');
  const { section } = useParams();
  const { value: reference, error, reload } = useAnswer(fetchReference);
  if (reference !== null) return <ReferenceBody reference={reference} slug={section} />;
  return (
    <ReferenceLayout navigation={error === null ? <NavigationLoading /> : null}>
      {error === null ? <Loading /> : <ErrorAlert error={error} onRetry={reload} />}
    </ReferenceLayout>
  );
}
