import type { Answer } from '../../shared/dialects/dialect.ts';
import { pageOf, paragraph } from '../../shared/dialects/form/page.ts';

/** What the link in a mail opens: mail scanners open links too, and press no buttons. */
export const confirmPage = (): Answer =>
  pageOf(
    200,
    'Please confirm',
    `${paragraph('One press, and your e-mail address is confirmed.')}
<form method="post"><button>Yes, it is mine</button></form>`,
  );

export const unknownLinkPage = (): Answer =>
  pageOf(
    404,
    'This link leads nowhere',
    paragraph(
      'Perhaps it was cut in two on its way: copy it whole. If you have only just sent the form, try again in a minute.',
    ),
  );

export const overPage = (): Answer =>
  pageOf(410, 'This link has run out', paragraph('Please send the form once more: you will get a new one.'));

export const noFilePage = (): Answer =>
  pageOf(404, 'The file is not here', paragraph('Please tell whoever made the form that its file is missing.'));

export const unavailablePage = (): Answer =>
  pageOf(503, 'Please try again', paragraph('This could not be done just now. Try it again in a minute.'));

export const problemPage = (status: number, detail: string): Answer =>
  pageOf(status, 'Something is not right', paragraph(detail));
