import { z } from 'zod';

/** Builds an object from a list of field names, each value by `field(name)`. */
export const mapFields = <Fields extends object>(
  names: readonly (keyof Fields & string)[],
  field: <Name extends keyof Fields & string>(name: Name) => Fields[Name],
): Fields => Object.fromEntries(names.map((name) => [name, field(name)])) as Fields;

/** The names of a schema's fields, in the order in which the schema lists them. */
export const fieldNames = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) =>
  Object.keys(schema.shape) as (keyof Shape & string)[];

/** Copies the fields that a schema names: values of an object, or columns of a table. */
export const pickFields = <Shape extends z.ZodRawShape, Source extends Record<keyof Shape, unknown>>(
  schema: z.ZodObject<Shape>,
  source: Source,
) => mapFields<Pick<Source, keyof Shape>>(fieldNames(schema), (name) => source[name]);

type NullableFields<Shape extends z.ZodRawShape> = { [Name in keyof Shape]: z.ZodNullable<Shape[Name]> };

/** The fields of a schema, each nullable, all with the same description. */
export const nullableFields = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  description: string,
) =>
  mapFields<NullableFields<Shape>>(fieldNames(schema), (name) =>
    z.nullable(schema.shape[name] as Shape[typeof name]).describe(description),
  );
