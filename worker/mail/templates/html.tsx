/** @jsxImportSource hono/jsx */
import type { MailContent } from './content.ts';

/** The brand of the tenant that sends. */
export type MailBrand = { name: string; primary_color: string };

const channel = (hex: string) => {
  const value = Number.parseInt(hex, 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** Returns black or white, whichever has more contrast on a colour (WCAG 2.2, relative luminance). Pure. */
export function textColorOn(color: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => channel(color.slice(from, from + 2)));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const quiet = `${font};font-size:14px;line-height:20px;color:#4b5563;margin:24px 0 0`;

/** Mail programs know styles of elements and tables for layout only. Names and addresses are escaped by JSX. */
function Page({ content, brand }: { content: MailContent; brand: MailBrand }) {
  const { paragraphs, action, hint, subject } = content;
  const button = `display:inline-block;${font};font-size:16px;font-weight:600;text-decoration:none;padding:12px 20px;border-radius:8px;background:${brand.primary_color};color:${textColorOn(brand.primary_color)}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{subject}</title>
      </head>
      <body style="margin:0;padding:24px;background:#f3f4f6">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
          <tr>
            <td align="center">
              <div
                style={`max-width:520px;text-align:left;background:#ffffff;border-radius:12px;padding:32px;border-top:4px solid ${brand.primary_color}`}
              >
                <p style={`${font};font-size:18px;font-weight:700;color:#111827;margin:0 0 24px`}>
                  {brand.name}
                </p>
                {paragraphs.map((paragraph) => (
                  <p
                    key={paragraph}
                    style={`${font};font-size:16px;line-height:24px;color:#111827;margin:0 0 16px`}
                  >
                    {paragraph}
                  </p>
                ))}
                {action !== null && (
                  <>
                    <p style="margin:24px 0">
                      <a href={action.link} style={button}>
                        {action.label}
                      </a>
                    </p>
                    <p style={`${quiet};word-break:break-all`}>Or open this address: {action.link}</p>
                  </>
                )}
                <p style={quiet}>{hint}</p>
              </div>
            </td>
          </tr>
        </table>
      </body>
    </html>
  );
}

/** Returns a mail as an HTML document in the tenant's brand. Pure. */
export const htmlOf = (content: MailContent, brand: MailBrand): string =>
  `<!doctype html>${String(<Page content={content} brand={brand} />)}`;
