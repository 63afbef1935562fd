import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { DayBarsProps } from './day-bars-chart.tsx';

/** Loaded when a chart is shown: the library of charts is large. */
const DayBarsChart = lazy(async () => ({ default: (await import('./day-bars-chart.tsx')).DayBarsChart }));

/** A chart of days, with a placeholder while it is loaded. */
export const DayBars = (props: DayBarsProps) => (
  <Suspense fallback={<Skeleton h={props.height} radius="md" />}>
    <DayBarsChart {...props} />
  </Suspense>
);
