import { z } from 'zod';

/** Fields of forms (multipart/form-data), in which everything but a file is a text. */

/** A file. Its type is that of each runtime, which zod does not know. */
export const formFile = z.file().min(1) as unknown as z.ZodType<File, File>;

const decimal = /^-?\d{1,9}(\.\d{1,9})?$/;

/** A number as a form has it. */
export const formNumber = (number: z.ZodNumber | z.ZodInt) =>
  z.string().regex(decimal, 'a number').transform(Number).pipe(number);
