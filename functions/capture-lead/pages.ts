import type { Answer } from '../../shared/dialects/dialect.ts';
import { faultPage, pageOf, paragraph } from '../../shared/dialects/form/page.ts';
import { HttpProblem } from '../../shared/runtime/problems.ts';

/** What the link in a mail opens: mail scanners open links too, and press no buttons. `target`: where it leads in the end, if to a file. */
export const confirmPage = (target: string | undefined): Answer =>
  pageOf(
    200,
    'Please confirm',
    `${paragraph('One press, and your e-mail address is confirmed.')}
<form method="post"><button>Yes, it is mine</button></form>`,
    target?.startsWith('http:') ? new URL(target).origin : '',
  );

/** What is wrong with a link that was given out: people and programs are told alike. */
class LinkProblem extends HttpProblem {}

export const unknownLink = (): HttpProblem =>
  new LinkProblem({
    status: 404,
    code: 'unknown-link',
    title: 'This link leads nowhere',
    detail:
      'Perhaps it was cut in two on its way: copy it whole. If you have only just sent the form, try again in a minute.',
  });

export const linkOver = (): HttpProblem =>
  new LinkProblem({
    status: 410,
    code: 'link-over',
    title: 'This link has run out',
    detail: 'Please send the form once more: you will get a new one.',
  });

export const fileMissing = (): HttpProblem =>
  new LinkProblem({
    status: 404,
    code: 'file-missing',
    title: 'The file is not here',
    detail: 'Please tell whoever made the form that its file is missing.',
  });

export const unavailablePage = (): Answer =>
  pageOf(503, 'Please try again', paragraph('This could not be done just now. Try it again in a minute.'));

/** What went wrong before the form itself was looked at, or with a link. */
export const problemPage = (problem: HttpProblem): Answer => {
  const { status, title, message } = problem;
  return problem instanceof LinkProblem
    ? faultPage(status, title, [message], [])
    : faultPage(status, 'Something is not right', [WORDS_OF_STATUS[status] ?? UNREADABLE], [{ field: '', message }]);
};

const UNREADABLE =
  'What you sent could not be read. Please go back and send it again; if that does not help, tell whoever made the form.';

const WORDS_OF_STATUS: Readonly<Record<number, string>> = {
  404: 'There is no form at this address. Please tell whoever made the page that you come from.',
  429: 'Too many forms come from your network just now. Please wait a minute, go back, and send yours again.',
  413: 'What you sent is too large. Please go back, shorten it or leave files out, and send it again.',
};
