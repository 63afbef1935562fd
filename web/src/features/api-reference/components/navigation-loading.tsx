import { Skeleton, Stack } from '@mantine/core';
import classes from './reference-navigation.module.css';

const GROUPS = [44, 72, 80, 16, 34, 38, 30, 26, 28, 32, 24, 36];

/** A skeleton of the navigation. The page beside it says that it loads. */
export const NavigationLoading = () => (
  <div aria-hidden>
    <div className={classes.search}>
      <Skeleton h={36} radius="md" />
    </div>
    <Stack gap="1.125rem" px="0.75rem" py="0.5rem">
      {GROUPS.map((width) => (
        <Skeleton key={width} h={14} w={`${width}%`} />
      ))}
    </Stack>
  </div>
);
