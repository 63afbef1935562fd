import { describe, expect, it } from 'vitest';
import { fileContentOf } from '../../../contracts/v1/document-data.ts';
import { imageSourceOf } from '../../../contracts/v1/image-url.ts';

const png = { kind: 'base64', media_type: 'image/png', data: 'aGk+Lz8=' };

describe('an image', () => {
  it.each([
    ['as usual', 'data:image/png;base64,aGk+Lz8='],
    ['with parameters', 'data:image/png;charset=utf-8;name=a.png;base64,aGk+Lz8='],
    ['in upper case', 'DATA:IMAGE/PNG;BASE64,aGk+Lz8='],
    ['with white space', ' data: image/png ; base64,aGk+\n  Lz8=\r\n'],
    ['without padding', 'data:image/png;base64,aGk+Lz8'],
    ['in the alphabet of URLs', 'data:image/png;base64,aGk-Lz8'],
    ['with escapes', 'data:image/png;base64,aGk%2BLz8%3D'],
  ])('is read from a data URL %s', (_, url) => {
    expect(imageSourceOf(url)).toEqual(png);
  });

  it.each(['image/jpg', 'image/pjpeg', 'IMAGE/JPG'])('of type %s is a JPEG', (type) => {
    expect(imageSourceOf(`data:${type};base64,aGk=`)).toMatchObject({ media_type: 'image/jpeg' });
  });

  it.each(['http://a.test/b.png', 'https://a.test/b.png'])('at %s is fetched by its provider', (url) => {
    expect(imageSourceOf(url)).toEqual({ kind: 'url', url });
  });

  it.each([
    'data:image/png,aGk=',
    'data:image/png;base64',
    'data:image/png;base64,aGk=x',
    'data:image/png;base64,%zz',
    'data:image/tiff;base64,aGk=',
    'ftp://a.test/b.png',
    '',
  ])('is not read from %j', (url) => {
    expect(imageSourceOf(url)).toBeNull();
  });
});

describe('a file', () => {
  const pdf = {
    type: 'document',
    source: { kind: 'base64', media_type: 'application/pdf', data: 'JVBERi0x' },
  };

  it.each(['data:application/pdf;base64,JVBERi0x', 'data:Application/PDF;x=y;base64,JVBE Ri0x', 'JVBERi0x'])(
    'is a PDF: %s',
    (data) => {
      expect(fileContentOf(data)).toEqual(pdf);
    },
  );

  it.each(['text/plain', 'text/markdown;charset=utf-8', 'application/json'])(
    'of type %s is a text',
    (type) => {
      const bytes = new TextEncoder().encode('Grüße');
      const data = btoa(String.fromCharCode(...bytes));
      expect(fileContentOf(`data:${type};base64,${data}`)).toEqual({ type: 'text', text: 'Grüße' });
    },
  );

  it('at an https URL is a PDF, and at no other URL', () => {
    expect(fileContentOf('https://a.test/b.pdf')).toMatchObject({
      type: 'document',
      source: { kind: 'url' },
    });
    expect(fileContentOf('http://a.test/b.pdf')).toBeNull();
  });
});
