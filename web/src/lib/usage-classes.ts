import {
  isOptionalClass,
  type OptionalClass,
  type UsageClass,
  usageClasses,
} from '../../../contracts/catalog/price.ts';

/** The usage classes in words. */

export const classNames: Record<UsageClass, string> = {
  input: 'Input',
  input_image: 'Images in the input',
  input_audio: 'Audio in the input',
  cache_read: 'Input read from cache',
  cache_write: 'Input written to cache',
  cache_write_1h: 'Input cached for an hour',
  output: 'Output',
  output_image: 'Images in the output',
  output_audio: 'Audio in the output',
};

/** A class that every price has. */
export type CommonClass = Exclude<UsageClass, OptionalClass>;
const isCommonClass = (name: UsageClass): name is CommonClass => !isOptionalClass(name);
export const commonClasses = usageClasses.filter(isCommonClass);

/** The classes whose rates are optional: images, audio, and what a cache keeps for an hour. */
export const optionalClasses = usageClasses.filter(isOptionalClass);
