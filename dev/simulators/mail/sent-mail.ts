import { z } from 'zod';

/** A mail in the form of the binding. The service refuses others. */
export const sentMail = z.object({
  to: z.email(),
  from: z.object({ email: z.email(), name: z.string().regex(/^\P{Cc}*$/u) }),
  replyTo: z.email().optional(),
  subject: z
    .string()
    .min(1)
    .regex(/^\P{Cc}*$/u),
  text: z.string().min(1),
  html: z.string().min(1),
});

/** A mail that was taken. */
export type KeptMail = z.infer<typeof sentMail> & { id: string; at_ms: number };
