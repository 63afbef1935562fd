import { useDebouncedValue } from '@mantine/hooks';

/** Pause in typing after which a search starts. */
const SEARCH_DELAY_MS = 250;

/** The text to search for, updated when typing pauses. */
export const useSearchText = (typed: string): string => useDebouncedValue(typed.trim(), SEARCH_DELAY_MS)[0];
