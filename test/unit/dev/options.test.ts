import { describe, expect, it } from 'vitest';
import { parseOptions, UsageError } from '../../../dev/options.ts';

const parse = (args: string[], port?: string) => parseOptions(args, port, '/app');

describe('the options of npm start', () => {
  it('have defaults', () => {
    expect(parse([])).toEqual({
      port: 8787,
      dataFolder: '/app/.data',
      reset: false,
      empty: false,
      turnstile: false,
      demoData: false,
      verbose: false,
    });
  });

  it('take the port from the command line, or else from the environment', () => {
    expect(parse([], '9000')?.port).toBe(9000);
    expect(parse(['--port', '9001'], '9000')?.port).toBe(9001);
    expect(parse([], '')?.port).toBe(8787);
  });

  it('take a data folder, relative to the project or absolute', () => {
    expect(parse(['--data', 'second'])?.dataFolder).toBe('/app/second');
    expect(parse(['--data', '/var/second'])?.dataFolder).toBe('/var/second');
  });

  it('ask for a reset, for a stack without demo data, or for help', () => {
    expect(parse(['--reset'])?.reset).toBe(true);
    expect(parse(['--empty'])?.empty).toBe(true);
    expect(parse(['--verbose'])?.verbose).toBe(true);
    expect(parse(['--help'])).toBeNull();
  });

  it.each([
    ['--port', '0'],
    ['--port', '65536'],
    ['--port', '8o8o'],
    ['--port', '1e3'],
    ['--prot', '1'],
    ['left-over'],
    ['--empty', '--demo-data'],
  ])('that make no sense are refused: %s %s', (...args) => {
    expect(() => parse(args)).toThrow(UsageError);
  });
});
