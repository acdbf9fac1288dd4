// Runs on landing pages: see docs/front-doors.md. It is minified when it is built, and at most 1 KiB then.
((page, { search, protocol }) => {
  const { param = 'click_id', days = 90, domain = '' } = page.currentScript.dataset;
  // What needs no encoding, neither in a cookie nor in a query.
  const given = /^[\w.~-]{1,128}$/.exec(new URLSearchParams(search).get(param) ?? '');
  if (given) {
    const secure = protocol === 'https:' ? ';secure' : '';
    page.cookie = `ll_click=${given};path=/;samesite=lax;max-age=${days * 86400};domain=${domain}${secure}`;
  }
  const click = (given || /(?:^|; )ll_click=([^;]+)/.exec(page.cookie))?.pop() ?? '';

  const fill = (form, field, value) => {
    let input = form.querySelector(`[name=${field}]`);
    if (!input) {
      input = page.createElement('input');
      input.type = 'hidden';
      input.name = field;
      form.append(input);
    }
    input.value = value;
  };
  const prepare = (form) => {
    const action = form?.getAttribute('action');
    if (form?.ll || !/\/f\/[^/?]+$/.test(action)) return;
    form.ll = 1;
    if (click) fill(form, 'click_id', click);
    fetch(`${action}/start`)
      .then((answer) => answer.json())
      .then(({ token }) => fill(form, 'form_start', token))
      .catch(() => {});
  };
  const prepareAll = () => {
    for (const form of page.forms) prepare(form);
    for (const image of page.querySelectorAll('img[data-ll]')) {
      image.src ||= image.dataset.ll + (click && `&click_id=${click}`);
    }
  };
  prepareAll();
  page.addEventListener('DOMContentLoaded', prepareAll);
  // Forms that scripts have added since.
  page.addEventListener('focusin', ({ target }) => prepare(target.form));
  // A page that is shown again as it was left: its forms are begun anew.
  addEventListener('pageshow', ({ persisted }) => {
    for (const form of page.forms) form.ll &&= !persisted;
    prepareAll();
  });
})(document, location);
