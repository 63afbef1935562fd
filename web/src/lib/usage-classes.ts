import {
  isMediaClass,
  type MediaClass,
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
  output: 'Output',
  output_image: 'Images in the output',
  output_audio: 'Audio in the output',
};

/** A class that every price has. */
export type CommonClass = Exclude<UsageClass, MediaClass>;
const isCommonClass = (name: UsageClass): name is CommonClass => !isMediaClass(name);
export const commonClasses = usageClasses.filter(isCommonClass);

/** The classes of images and audio, whose rates are optional. */
export const mediaClasses = usageClasses.filter(isMediaClass);
