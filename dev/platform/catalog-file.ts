import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CatalogFile, catalogFile } from '../../contracts/catalog/catalog-file.ts';

/** The catalog file of this repository. */
export const CATALOG_FILE = fileURLToPath(new URL('../../catalog/models.json', import.meta.url));

/** Reads a catalog file. Throws with the field that is wrong. */
export async function readCatalogFile(file: string): Promise<CatalogFile> {
  const parsed = catalogFile.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}
