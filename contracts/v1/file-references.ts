/** References to uploaded files in requests, which every surface has in its own form. Types alone. */

/** The kinds of files that a model can take. */
export type FileKind = 'pdf' | 'image' | 'audio' | 'text';

/** A file that a request names: its place, and the kinds that this place takes. */
export type FileReference = { file_id: string; field: string; kinds: readonly FileKind[] };

/** A file as a prompt has it: a text, or bytes in base64. */
export type LoadedFile =
  | { kind: 'text'; filename: string; text: string }
  | { kind: 'pdf' | 'image' | 'audio'; filename: string; media_type: string; data: string };

/**
 * Handles one reference in a request: returns the part in its place. `make` builds the part from the file. A pass that only collects
 * references returns the part as it is.
 */
export type AtReference = <Part>(
  reference: FileReference,
  part: Part,
  make: (file: LoadedFile) => Part,
) => Part;
