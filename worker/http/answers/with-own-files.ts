import type { AtReference, FileReference } from '../../../contracts/v1/file-references.ts';
import { loadFiles } from '../../files/load-files.ts';
import type { PrincipalEnv, RequestContext } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { refuseField } from '../refuse-field.ts';

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

/**
 * Returns a request with the caller's uploaded files in the places that name them, or the refusal of one that names another. Without a
 * reference it costs nothing; else one query, and one call of the bucket for each file.
 */
export async function withOwnFiles<Request>(
  c: Context,
  request: Request,
  withFiles: (request: Request, at: AtReference) => Request,
): Promise<Request | Response> {
  const references: FileReference[] = [];
  withFiles(request, (reference, part) => {
    references.push(reference);
    return part;
  });
  if (references.length === 0) return request;
  const loaded = await loadFiles(dependenciesOf(c), c.var.principal, references, {
    limit_bytes: c.var.settings.PROMPT_LIMIT_BYTES,
    body_bytes: Number(c.req.header('content-length') ?? 0),
  });
  if (!loaded.ok)
    return 'field' in loaded.failure ? refuseField(c, loaded.failure) : problem(c, loaded.failure.code);
  return withFiles(request, ({ file_id }, _part, make) => {
    const file = loaded.value.get(file_id);
    if (file === undefined) throw new Error('Every file that is named was loaded');
    return make(file);
  });
}
