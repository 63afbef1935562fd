import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Browsers that a machine may have already. */
const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The npm package brings its own shared libraries, for machines that lack them, but unpacks them only where it believes
 * to be on AWS Lambda. The variable must be set before the package is imported.
 */
async function packagedBrowser(): Promise<string> {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}

/** A real Chromium: the machine's own, or the one that comes with npm. It talks to this machine alone. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: installed.find(existsSync) ?? (await packagedBrowser()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
