import { useDebouncedValue } from '@mantine/hooks';

/** A search waits this long for more letters. */
const SEARCH_DELAY_MS = 250;

/** The text to search for, once typing pauses. */
export const useSearchText = (typed: string): string => useDebouncedValue(typed.trim(), SEARCH_DELAY_MS)[0];
