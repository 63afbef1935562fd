export const usageClasses = ['input', 'cache_read', 'cache_write', 'output'] as const;
export type UsageClass = (typeof usageClasses)[number];

export const classNames: Record<UsageClass, string> = {
  input: 'Input',
  cache_read: 'Input read from cache',
  cache_write: 'Input written to cache',
  output: 'Output',
};
