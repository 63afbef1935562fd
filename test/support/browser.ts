import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Paths of browsers that may be installed. */
const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Returns the path of the Chromium from npm. The package includes shared libraries for machines that lack them, but unpacks them
 * only on AWS Lambda. Setting the variable makes it unpack them; it must be set before the import.
 */
async function packagedBrowser(): Promise<string> {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}

/** Launches Chromium: the installed one, or the one from npm, without background network requests. */
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
