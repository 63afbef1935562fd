import { describe, expect, it } from 'vitest';
import { fileIdOf, fileIdOfUri, uuidOfFile } from '../../../contracts/v1/file-id.ts';
import { attachmentOf, fileNameOf } from '../../../worker/files/file-name.ts';
import { kindOf, mediaTypeOf } from '../../../worker/files/media-type.ts';

const bytes = (latin1: string) => Uint8Array.from(latin1, (character) => character.charCodeAt(0));

describe('the type of a file', () => {
  it.each([
    ['%PDF-1.7', 'x', 'application/pdf'],
    ['\x89PNG\r\n\x1a\n....', 'x.txt', 'image/png'],
    ['\xff\xd8\xff\xe0', 'x', 'image/jpeg'],
    ['GIF89a', 'x', 'image/gif'],
    ['RIFF....WEBPVP8 ', 'x', 'image/webp'],
    ['RIFF....WAVEfmt ', 'x.webp', 'audio/wav'],
    ['ID3\x04', 'x', 'audio/mpeg'],
    ['\xff\xfb\x90\x00', 'x', 'audio/mpeg'],
    ['\xff\xf1\x50\x80', 'x', 'audio/aac'],
    ['fLaC\0', 'x', 'audio/flac'],
    ['OggS\0', 'x', 'audio/ogg'],
    ['FORM....AIFF', 'x', 'audio/aiff'],
    ['PK\x03\x04', 'x.pdf', 'application/octet-stream'],
    ['MZ\x90\0', 'x.png', 'application/octet-stream'],
    ['RIFF\x24\0\0\0AVI LIST', 'x.wav', 'application/octet-stream'],
    ['\xff\xfe\x00\x00', 'x.txt', 'application/octet-stream'],
    ['a text\n', 'x', 'text/plain'],
    ['a;b\n', 'X.CSV', 'text/csv'],
    ['{}', 'x.json', 'application/json'],
    ['# Hello', 'x.md', 'text/markdown'],
  ])('that begins with %j and is called %s is %s', (head, name, type) => {
    expect(mediaTypeOf(bytes(head), name)).toBe(type);
  });

  it('that a browser would run is plain text', () => {
    for (const name of ['x.html', 'x.svg', 'x.xml', 'x.js', 'x.xhtml'])
      expect(mediaTypeOf(bytes('<script>alert(1)</script>'), name)).toBe('text/plain');
  });

  it('that was cut within a character is a text', () => {
    expect(mediaTypeOf(new TextEncoder().encode('né').subarray(0, 2), 'x')).toBe('text/plain');
    expect(mediaTypeOf(bytes('n\xe9e'), 'x')).toBe('application/octet-stream');
  });

  it('tells what a model can take', () => {
    expect(kindOf('application/pdf')).toBe('pdf');
    expect(kindOf('image/png')).toBe('image');
    expect(kindOf('audio/wav')).toBe('audio');
    expect(kindOf('application/json')).toBe('text');
    expect(kindOf('application/octet-stream')).toBe('other');
  });
});

describe('the name of a file', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\files\\report.pdf', 'report.pdf'],
    ['a/', 'unnamed'],
    ['..', 'unnamed'],
    ['', 'unnamed'],
    ['a\r\nset-cookie: x\0.txt', 'aset-cookie: x.txt'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['\ud800x', '\ufffdx'],
  ])('that was sent as %j is %j', (sent, name) => {
    expect(fileNameOf(sent)).toBe(name);
  });

  it('has at most 500 characters, and keeps its end', () => {
    const name = fileNameOf(`${'a'.repeat(1_000)}.pdf`);
    expect(name).toHaveLength(500);
    expect(name.endsWith('.pdf')).toBe(true);
  });

  it('cannot leave the header of a download', () => {
    expect(attachmentOf('a"; b=\r\n.txt')).toBe(
      `attachment; filename="a_; b=__.txt"; filename*=UTF-8''a%22%3B%20b%3D%0D%0A.txt`,
    );
    expect(attachmentOf("Bücher (1)'*.pdf")).toBe(
      `attachment; filename="B_cher (1)'*.pdf"; filename*=UTF-8''B%C3%BCcher%20%281%29%27%2A.pdf`,
    );
  });
});

describe('the id of a file', () => {
  const uuid = '018f0000-0000-7000-8000-00000000abcd';
  const id = 'file-018f000000007000800000000000abcd';

  it('is its UUID, and back, in any case', () => {
    expect(fileIdOf(uuid)).toBe(id);
    expect(uuidOfFile(id)).toBe(uuid);
    expect(uuidOfFile(id.toUpperCase())).toBe(uuid);
  });

  it.each(['', 'file-', uuid, `${id}0`, `x${id}`, `../${id}`, `${id}\n`, 'file-abc123'])(
    'is not %j',
    (text) => {
      expect(uuidOfFile(text)).toBeNull();
    },
  );

  it('is in a URI of Google’s API alone or after `files/`', () => {
    expect(fileIdOfUri(id)).toBe(id);
    expect(fileIdOfUri(`files/${id}`)).toBe(id);
    expect(fileIdOfUri(`https://example.com/files/${id}`)).toBeNull();
    expect(fileIdOfUri('files/abc')).toBeNull();
  });
});
