import type { RenderMessage } from '../../contracts/rendering.ts';
import type { DocumentBody, IssuedDocument, IssueTerms } from '../../domain/billing/document.ts';
import { documentEntries } from '../../domain/billing/document-entries.ts';
import type { AccountSection, DocumentView } from '../../domain/billing/document-view.ts';
import { viewOf } from '../../domain/billing/view-of.ts';
import { dayOf } from '../../domain/time/calendar.ts';
import type { DocumentViews } from '../../ports/documents.ts';
import type { JournalWriter } from '../../ports/journal.ts';
import type { Queue } from '../../ports/queues.ts';
import type { SignDocument } from '../sign-document.ts';

export interface CompleteDocumentDependencies {
  readonly journal: JournalWriter;
  readonly views: Pick<DocumentViews, 'put'>;
  readonly signDocument: SignDocument;
  readonly renderings: Pick<Queue<RenderMessage>, 'send'>;
  readonly timeZone: string;
  /** Posts what an invoice earns those who brought its affiliates. */
  readonly postReferrals: (document: IssuedDocument, body: DocumentBody) => Promise<void>;
}

/**
 * Does what an issued document asks for: posts the entries it causes, keeps what it says, signed, and has its files written. Again it does
 * the same again, which changes nothing.
 */
export function createCompleteDocument(
  dependencies: CompleteDocumentDependencies,
): (document: IssuedDocument, body: DocumentBody) => Promise<void> {
  const { journal, views, signDocument, renderings, timeZone, postReferrals } = dependencies;
  return async (document, body) => {
    const { terms } = body;
    const { root } = document.annex;
    if (terms === undefined || root === undefined) return;
    for (const entry of documentEntries(document, terms, timeZone)) await journal.post(entry);
    if (document.kind === 'invoice') await postReferrals(document, body);
    const annex = { ...document.annex, root };
    const signature = await signDocument({ ...document, annex });
    await views.put(viewOfIssued(document, body, terms, { ...annex, signature }, timeZone));
    await renderings.send({ kind: 'render-document', number: document.number });
  };
}

function viewOfIssued(
  document: IssuedDocument,
  { lines }: DocumentBody,
  terms: IssueTerms,
  annex: DocumentView['annex'],
  timeZone: string,
): DocumentView {
  const { withholdingMinor = 0n, paymentTermDays = 0, issuedAt } = document;
  return viewOf({
    ...document,
    ...terms,
    issueDate: dayOf(issuedAt, timeZone),
    withholdingMinor,
    paymentTermDays,
    lines: lines.map(({ key: _key, takenBack: _takenBack, entries: _entries, ...line }) => line),
    annex,
    account: accountSection(document),
  });
}

function accountSection({ account }: IssuedDocument): AccountSection | undefined {
  if (account === undefined) return undefined;
  const { openingMinor, documentMinor, closingMinor } = account;
  return { openingMinor, documentMinor, paidMinor: closingMinor - openingMinor - documentMinor, closingMinor };
}
