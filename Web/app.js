// Starts the page: finds the page of the address, the session, the navigation.
import { loadSession, logIn, session } from './api.js';
import { failure, field, fill, h, heading } from './components.js';

const pages = {
  jobs: { load: () => import('./pages/jobs.js'), title: 'Jobs' },
  new: { load: () => import('./pages/new-job.js'), title: 'New job' },
  job: { load: () => import('./pages/job.js'), title: 'Job', under: 'jobs' },
  studies: { load: () => import('./pages/studies.js'), title: 'Studies' },
  study: { load: () => import('./pages/study.js'), title: 'Study', under: 'studies' },
  compare: { load: () => import('./pages/compare.js'), title: 'Compare' },
  datasets: { load: () => import('./pages/datasets.js'), title: 'Data sets' },
  dataset: { load: () => import('./pages/dataset.js'), title: 'Data set', under: 'datasets' },
  workers: { load: () => import('./pages/workers.js'), title: 'Workers' },
  settings: { load: () => import('./pages/settings.js'), title: 'Settings' },
};

const main = document.getElementById('main');
const menu = document.getElementById('menu');
const navigation = document.getElementById('navigation');
let leaving = new AbortController();
let shown = null;

/** `#/job/ID?tab=x` → { name: 'job', argument: 'ID', query } */
function route() {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/').map(decodeURIComponent);
  return { name: name in pages ? name : 'jobs', argument: rest.join('/'), query: new URLSearchParams(search || '') };
}

async function show() {
  const { name, argument, query } = route();
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const page = pages[name];
  document.title = `${page.title} · emc`;
  for (const link of navigation.querySelectorAll('a')) {
    const isCurrent = link.getAttribute('href') === `#/${page.under || name}`;
    if (isCurrent) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
  setMenu(false);
  const holder = h('div', { class: `page page-${name}` });
  try {
    if (session.required && !session.scopes?.length) return signInPage();
    const module = await page.load();
    if (signal.aborted) return;
    fill(main, holder);
    await module.show(holder, { argument, query, signal });
  } catch (error) {
    if (signal.aborted || error.name === 'AbortError') return;
    if (error.status === 401) return signInPage();
    console.error(error);
    fill(main, h('div', { class: 'page' }, heading(page.title), failure(error, show)));
  }
  // After a link a screen reader goes on at the new page's heading; at the start the browser's own place is right.
  if (shown !== null && !signal.aborted) main.querySelector('h1')?.focus({ preventScroll: true });
  if (shown !== location.hash) window.scrollTo(0, 0);
  shown = location.hash;
}

function signInPage() {
  const token = h('input', { type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false' });
  const place = h('div');
  const form = h('form', {
    class: 'card sign-in', onsubmit: async (event) => {
      event.preventDefault();
      try {
        await logIn(token.value.trim());
        show();
      } catch (error) {
        fill(place, failure(error));
        token.focus();
      }
    },
  }, field('Token', token, { note: 'Of the form that “emc tokens create” prints. The browser keeps a session, not the token.' }),
  place, h('div', { class: 'actions end' }, h('button', { class: 'primary' }, 'Sign in')));
  fill(main, h('div', { class: 'page' }, heading('Sign in', { note: 'This service wants a token.' }), form));
  token.focus();
}

function setMenu(isOpen) {
  menu.setAttribute('aria-expanded', String(isOpen));
  navigation.classList.toggle('open', isOpen);
}

menu.addEventListener('click', () => setMenu(menu.getAttribute('aria-expanded') !== 'true'));
navigation.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') { setMenu(false); menu.focus(); }
});
document.querySelector('.skip').addEventListener('click', (event) => {
  // The address is the page's: the jump must not change it.
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', show);
window.addEventListener('emc:unauthorized', () => {
  if (session.scopes?.length) { session.scopes = null; session.required = true; show(); }
});

try {
  await loadSession();
} catch (error) {
  // The page itself says that nobody answers.
}
await show();
