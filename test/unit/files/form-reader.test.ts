import { describe, expect, it } from 'vitest';
import { boundaryOf, type FormEvent, FormReader } from '../../../worker/files/form-reader.ts';

/** Bytes of a form as the runtime writes it, and its boundary. */
async function formOf(form: FormData): Promise<{ bytes: Uint8Array; boundary: string }> {
  const request = new Response(form);
  const boundary = boundaryOf(request.headers.get('content-type') ?? '');
  if (boundary === null) throw new Error('a form has a boundary');
  return { bytes: new Uint8Array(await request.arrayBuffer()), boundary };
}

type Read = { name: string; filename: string | null; value: string };

/** Reads pieces of a form to its end. */
function read(pieces: Uint8Array[], boundary: string): { parts: Read[]; last: FormEvent | undefined } {
  const reader = new FormReader(boundary);
  const events = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()];
  const parts: (Omit<Read, 'value'> & { bytes: Uint8Array[] })[] = [];
  for (const event of events) {
    if (event.type === 'part') parts.push({ name: event.name, filename: event.filename, bytes: [] });
    if (event.type === 'bytes') parts.at(-1)?.bytes.push(event.bytes);
  }
  return {
    parts: parts.map(({ bytes, ...part }) => ({ ...part, value: Buffer.concat(bytes).toString('latin1') })),
    last: events.at(-1),
  };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const raw = (head: string, value = 'x') => [
  latin1(`--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n--b--\r\n`),
];

describe('a form', () => {
  it('says the same wherever its bytes are divided', async () => {
    const form = new FormData();
    form.append('purpose', 'user_data');
    form.append('empty', '');
    form.append('file', new File([`\r\n--almost ${'\r\n-'.repeat(20)}\0\xff`], 'a "b"\r\n;é.txt'));
    const { bytes, boundary } = await formOf(form);
    const whole = read([bytes], boundary);
    expect(whole.last).toEqual({ type: 'end' });
    expect(whole.parts.map(({ name, filename }) => [name, filename])).toEqual([
      ['purpose', null],
      ['empty', null],
      ['file', 'a "b"\r\n;é.txt'],
    ]);
    expect(whole.parts[1]?.value).toBe('');
    expect(Buffer.from(whole.parts[2]?.value ?? '', 'latin1').toString()).toContain('\r\n--almost');
    for (let at = 1; at < bytes.length; at += 1)
      expect(read([bytes.subarray(0, at), bytes.subarray(at)], boundary), `divided at ${at}`).toEqual(whole);
    expect(
      read(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        boundary,
      ),
    ).toEqual(whole);
  });

  it.each([
    ['name=file; filename=a.txt', 'file', 'a.txt'],
    ['name="file"; filename="a\\"b.txt"', 'file', 'a"b.txt'],
    [`name="file"; filename="x"; filename*=UTF-8''%C3%A9%2F.txt`, 'file', 'é/.txt'],
    ['name="file"; filename=""', 'file', ''],
    ['filename="; name=\\"other\\""; name="file"', 'file', '; name="other"'],
  ])('has the names in %s', (head, name, filename) => {
    expect(read(raw(head), 'b').parts).toEqual([{ name, filename, value: 'x' }]);
  });

  it.each<[string, Uint8Array[]]>([
    ['that ends early', [latin1('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx')]],
    ['that ends within its head', [latin1('--b\r\nContent-Dis')]],
    ['without any bytes', []],
    ['of another boundary', [latin1(`--other\r\n${'x'.repeat(10_000)}`)]],
    [
      'whose boundary goes on',
      [latin1('--bb\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--bb--')],
    ],
    ['whose part has no name', raw('filename="a"')],
    ['whose head does not end', [latin1(`--b\r\nX: ${'x'.repeat(10_000)}`)]],
    [
      'of a hundred parts',
      [latin1('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'.repeat(100))],
    ],
  ])('%s is malformed', (_, pieces) => {
    expect(read(pieces, 'b').last).toMatchObject({ type: 'malformed' });
  });

  it('holds no more than a boundary of the bytes that it has taken', () => {
    const reader = new FormReader('b');
    reader.push(latin1('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'));
    let given = 0;
    for (let piece = 0; piece < 100; piece += 1)
      for (const event of reader.push(new Uint8Array(1_000)))
        if (event.type === 'bytes') given += event.bytes.length;
    expect(given).toBeGreaterThanOrEqual(100_000 - '\r\n--b'.length);
  });
});

it.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['multipart/form-data;charset=utf-8; boundary="a b"', 'a b'],
  ['Multipart/Form-Data; Boundary=abc; x=y', 'abc'],
  ['multipart/form-data', null],
  ['application/json; boundary=abc', null],
  ['multipart/mixed; boundary=abc', null],
  ['', null],
])('the boundary in %j is %j', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});
