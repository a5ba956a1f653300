// The parts that pages are made of. Everything is built from nodes and text: nothing a server sends is read as HTML.

/**
 * An element. `properties`: `class`, `on…` (a listener), `data` (an object), booleans as attributes that are there or not,
 * anything else as an attribute. Children: nodes, texts, lists of them; null, undefined and false are left out.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'value') element.value = value;
    else if (name === 'checked') element.checked = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child);
  }
}

/**
 * Puts children in place of what an element holds. Pages redraw what has changed while someone reads them: what had the focus
 * hands it on to the new element of the same name, so that a keyboard or a screen reader goes on where it was.
 */
export function fill(element, ...children) {
  const focused = document.activeElement;
  const name = focused !== element && element.contains(focused) && nameOf(focused);
  element.replaceChildren();
  append(element, children);
  if (name) [...element.querySelectorAll(focused.tagName)].find((other) => nameOf(other) === name)?.focus({ preventScroll: true });
  return element;
}

/** What an element is called for as long as its text may change: a page has one heading; rows have links of one text. */
const nameOf = (element) => (element.tagName === 'H1' ? 'heading'
  : element.id || element.getAttribute('aria-label') || element.getAttribute('href') || element.textContent);

/** The page's heading with what can be done on it. */
export function heading(title, { note, actions } = {}) {
  return h('div', { class: 'heading' },
    h('div', {}, h('h1', { tabindex: '-1' }, title), note && h('p', { class: 'note' }, note)),
    actions && h('div', { class: 'actions' }, actions));
}

/** A titled part of a page. */
export function section(title, { note, actions, id, wide } = {}, ...children) {
  const name = id || title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return h('section', { class: wide ? 'card wide' : 'card', 'aria-labelledby': `${name}-title` },
    h('div', { class: 'card-head' },
      h('h2', { id: `${name}-title` }, title), actions && h('div', { class: 'actions' }, actions)),
    note && h('p', { class: 'note' }, note), children);
}

/** Nothing there: what that means and what to do. */
export const empty = (title, text, ...actions) => h('div', { class: 'empty' },
  h('p', { class: 'empty-title' }, title), text && h('p', {}, text), actions.length ? h('div', { class: 'actions' }, actions) : null);

/** What went wrong, and every fault of what was sent. */
export function failure(error, retry) {
  if (error.name === 'AbortError') return h('div');
  const faults = error.errors || [];
  return h('div', { class: 'notice bad', role: 'alert' },
    h('p', {}, h('strong', {}, error.title || 'That went wrong'), ' ', error.message),
    faults.length > 0 && h('ul', {}, faults.slice(0, 20).map((fault) => h('li', {},
      h('code', {}, fault.pointer || fault.parameter || fault.file || ''), ' ', fault.detail || '',
      fault.allowed ? `; allowed: ${fault.allowed}` : ''))),
    retry && h('button', { type: 'button', onclick: retry }, 'Try again'));
}

/** What this server's version lacks. */
export const lacking = (what) => empty('This server doesn’t have that',
  `${what} The page and the server are of different versions: bring the server up to date.`);

export const badge = (state) => h('span', { class: `badge state-${state}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }), state);

export const outcomeMark = (outcome) => h('span', { class: `outcome outcome-${outcome || 'none'}` },
  h('span', { class: 'mark', 'aria-hidden': 'true' }), outcome || 'under way');

/** How far something is, 0 to 1; undefined where that isn't known. */
export function progressBar(label, value) {
  const bar = h('progress', { 'aria-label': label, max: '1' });
  if (value !== undefined && value !== null) bar.value = Math.min(1, Math.max(0, value));
  return bar;
}

/** A number with what it is and what it is worth. */
export const figure = (label, value, note) => h('div', { class: 'figure' },
  h('dt', {}, label), h('dd', {}, value, note && h('span', { class: 'figure-note' }, note)));

export const figures = (...items) => h('dl', { class: 'figures' }, items);

/**
 * A table. `columns`: [{ title, cell(row), number, sort }]; `rows`: at most what fits on a page.
 * `caption` tells screen readers what it is. `select`: { selected: Set, key(row), onchange } adds check boxes.
 */
export function table(columns, rows, { caption, select, rowClass } = {}) {
  const head = h('tr', {},
    select && h('th', { scope: 'col', class: 'check' }, h('input', {
      type: 'checkbox', 'aria-label': 'Select all on this page',
      checked: rows.length > 0 && rows.every((row) => select.selected.has(select.key(row))),
      onchange: (event) => {
        for (const row of rows) select.selected[event.target.checked ? 'add' : 'delete'](select.key(row));
        select.onchange(true);
      },
    })),
    columns.map((column) => h('th', {
      scope: 'col', class: column.number ? 'number' : null,
      'aria-sort': column.sort?.direction === 'asc' ? 'ascending' : column.sort?.direction === 'desc' ? 'descending' : null,
    }, column.sort
      ? h('button', { type: 'button', class: 'sort', onclick: column.sort.toggle }, column.title,
        h('span', { 'aria-hidden': 'true' }, column.sort.direction === 'asc' ? ' ↑' : column.sort.direction === 'desc' ? ' ↓' : ''))
      : typeof column.title === 'function' ? column.title() : column.title)));
  const body = rows.map((row) => h('tr', { class: rowClass?.(row) },
    select && h('td', { class: 'check' }, h('input', {
      type: 'checkbox', 'aria-label': `Select ${select.label(row)}`, checked: select.selected.has(select.key(row)),
      onchange: (event) => {
        select.selected[event.target.checked ? 'add' : 'delete'](select.key(row));
        select.onchange(false);
      },
    })),
    columns.map((column) => h('td', { class: [column.number && 'number', column.class].filter(Boolean).join(' ') || null,
      data: { title: typeof column.title === 'string' ? column.title : '' } }, column.cell(row)))));
  return h('div', { class: 'table-wrap', tabindex: '0', role: 'group', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, head), h('tbody', {}, body)));
}

/** Previous and next page of a list by cursors. */
export const pager = ({ previous, next, note }) => h('nav', { class: 'pager', 'aria-label': 'Pages of the list' },
  h('button', { type: 'button', disabled: !previous, onclick: previous }, '← Newer'),
  h('span', { class: 'note' }, note), h('button', { type: 'button', disabled: !next, onclick: next }, 'Older →'));

/** Tells that something has happened, for a while. */
export function toast(text, kind = '') {
  const note = h('div', { class: `toast ${kind}` }, text);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), 6000);
}

/** A button that copies a text. */
export const copyButton = (label, text) => h('button', {
  type: 'button', class: 'small', onclick: async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Copying isn’t allowed here';
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  },
}, label);

/** Text of a program with a button to copy it. */
export const code = (text, label = 'Copy') => h('div', { class: 'code' },
  h('pre', { tabindex: '0' }, h('code', {}, text)), copyButton(label, () => text));

/** Asks before something that can't be undone. Resolves to true where it was confirmed. */
export function confirmation(title, text, action) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' },
      h('form', { method: 'dialog' }, h('h2', { id: 'dialog-title' }, title), h('p', {}, text),
        h('div', { class: 'actions end' }, h('button', { value: 'no', autofocus: true }, 'Keep'),
          h('button', { value: 'yes', class: 'danger' }, action))));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A field with its label, an explanation and a place for its fault. */
export function field(label, control, { note, id } = {}) {
  const name = id || control.id || `field-${label.toLowerCase().replaceAll(/\W+/g, '-')}`;
  control.id = name;
  control.setAttribute('aria-describedby', `${name}-note ${name}-fault`);
  return h('div', { class: 'field' }, h('label', { for: name }, label), control,
    h('p', { class: 'note', id: `${name}-note` }, note || ''), h('p', { class: 'fault', id: `${name}-fault`, 'aria-live': 'polite' }));
}

/** A choice among names. */
export const choice = (values, selected, properties = {}) => h('select', properties, values.map((value) => {
  const [key, label] = Array.isArray(value) ? value : [value, value];
  return h('option', { value: key, selected: key === selected }, label);
}));

/** Runs an action of a button: it is disabled until that has ended, and a fault is told. */
export const acting = (action) => async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    await action();
  } catch (error) {
    if (error.name !== 'AbortError') toast(error.message, 'bad');
  } finally {
    button.disabled = false;
  }
};

/** At most one call in so many milliseconds, the last one always. */
export function throttled(milliseconds, action) {
  let timer = null;
  let last = 0;
  return (...values) => {
    clearTimeout(timer);
    const wait = last + milliseconds - Date.now();
    const run = () => { last = Date.now(); action(...values); };
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
}
