import { eventually } from './demo.ts';

/** The mailbox of a stack (docs/simulators.md). */

export type SimulatedMail = { to: string; subject: string; text: string; html: string };
type Mails = { mails: SimulatedMail[]; attempts: number };

export function openMailbox(simulatorOrigin: string) {
  const read = async (to: string): Promise<Mails> =>
    (await fetch(`${simulatorOrigin}/_control/mails?to=${encodeURIComponent(to)}`)).json() as Promise<Mails>;

  /** Waits for a mail to an address whose subject matches. */
  const waitFor = async (to: string, subject: RegExp): Promise<SimulatedMail> => {
    const { mails } = await eventually(
      () => read(to),
      (box) => box.mails.some((mail) => subject.test(mail.subject)),
    );
    const mail = mails.find((one) => subject.test(one.subject));
    if (mail === undefined) throw new Error('The mail was there');
    return mail;
  };

  return {
    read,
    waitFor,
    /** Waits for a mail, and returns its link. */
    linkTo: async (to: string, subject: RegExp): Promise<URL> => linkOf(await waitFor(to, subject)),
    /** Lets attempts at mails to an address fail. */
    fail: async (to: string, mode: 'not_now' | 'rate_limited' | 'suppressed', remaining: number) => {
      const body = JSON.stringify({ mode, remaining, to });
      const answer = await fetch(`${simulatorOrigin}/_control/mails`, { method: 'PUT', body });
      if (!answer.ok) throw new Error(`The mailbox refuses: ${await answer.text()}`);
    },
  };
}

/** Returns the link of a mail. */
export function linkOf({ text }: SimulatedMail): URL {
  const [link] = /https?:\/\/\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`There is no link in: ${text}`);
  return new URL(link);
}

/** The token of a link. */
export const tokenOf = (link: URL): string => link.hash.slice(1);
