// Runs on landing pages: see docs/front-doors.md. It is minified when it is built, and at most 1 KiB then.
((page, { search, protocol }, on) => {
  // Forms of other services may look like ours: those count that post to where the script comes from.
  const {
    src,
    dataset: { param = 'click_id', days = 90, domain = '', forms = /.+?\w(?=\/)/.exec(src) },
  } = page.currentScript;
  // What needs no encoding, neither in a cookie nor in a query.
  const given = /^[\w.~-]{1,128}$/.exec(new URLSearchParams(search).get(param) ?? '');
  if (given) {
    // One that was set without a domain would be found before one that is set with it.
    page.cookie = 'll_click=;path=/;max-age=0';
    page.cookie = `ll_click=${given};path=/;samesite=lax;max-age=${days * 86400};domain=${domain}${protocol > 'https' ? ';secure' : ''}`;
  }
  const click = (given || /(^|; )ll_click=([^;]+)/.exec(page.cookie))?.pop() ?? '';

  const fill = (form, name, value) => {
    if (!form[name]) form.append(Object.assign(page.createElement('input'), { type: 'hidden', name }));
    form[name].value = value;
  };
  const prepare = (form) => {
    // Of a copy without inputs, as one may be called `action`.
    const url = RegExp(`^${forms}/f/[^/?#]+`).exec(form?.cloneNode().action);
    if (!url || form.ll) return;
    form.ll = 1;
    if (click) fill(form, 'click_id', click);
    fetch(`${url}/start`)
      .then((answer) => answer.json())
      .then(
        ({ token }) => fill(form, 'form_start', token),
        () => {},
      );
  };
  const prepareAll = () => {
    for (const form of page.forms) prepare(form);
    for (const image of page.images) {
      if (image.dataset.ll) image.src ||= image.dataset.ll + (click && `&click_id=${click}`);
    }
  };
  prepareAll();
  on('DOMContentLoaded', prepareAll);
  // Forms that scripts have added since.
  on('focusin', ({ target: { form } }) => form?.ll ?? prepare(form));
  // A form that is filled in again after it was sent is begun anew. Pressing its button twice is no reason.
  on('submit', ({ target }) => (target.ll = 0));
  on('input', ({ target }) => prepare(target.form));
  // A page that is shown again as it was left: so are its forms that were sent.
  on('pageshow', prepareAll);
})(document, location, addEventListener);
