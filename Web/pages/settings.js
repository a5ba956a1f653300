// Settings: the theme of this browser, the session, tokens and webhooks.
import { getIfThere, loadSession, logOut, post, Problem, remove, session } from '../api.js';
import { acting, badge, choice, code, confirmation, empty, failure, field, fill, h, heading, lacking, section, table, toast } from '../components.js';
import { ago, integer, moment } from '../format.js';

export async function show(root, { signal }) {
  const sessionPlace = h('div', { class: 'stack' });
  const tokens = h('div', { class: 'stack' });
  const hooks = h('div', { class: 'stack' });
  const deliveries = h('div', { class: 'stack' });
  const theme = h('div', { class: 'segments', role: 'group', 'aria-label': 'Theme' });
  fill(root, heading('Settings'), h('div', { class: 'grid' },
    section('Appearance', { id: 'appearance' }, theme, h('p', { class: 'note' }, 'Kept in this browser.')),
    section('Session', { id: 'session' }, sessionPlace),
    section('Tokens', { id: 'tokens', wide: true, note: 'Programs send one as “Authorization: Bearer …”. A token is shown once, when it is made.' }, tokens),
    section('Webhooks', { id: 'webhooks', wide: true, note: 'Told when a job or study has ended; signed with HMAC-SHA256.' }, hooks, deliveries)));

  function drawTheme() {
    const now = document.documentElement.dataset.theme || 'system';
    fill(theme, ['system', 'light', 'dark'].map((name) => h('button', {
      type: 'button', 'aria-pressed': String(now === name), onclick: () => {
        if (name === 'system') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = name;
        try { if (name === 'system') localStorage.removeItem('emc.theme'); else localStorage.setItem('emc.theme', name); } catch { /* For this visit alone. */ }
        window.dispatchEvent(new CustomEvent('emc:theme'));
        drawTheme();
      },
    }, name[0].toUpperCase() + name.slice(1))));
  }

  function drawSession() {
    fill(sessionPlace, session.scopes?.length ? [h('p', {}, 'This browser may: ', session.scopes.map((scope) => h('span', { class: 'chip' }, scope))),
      session.csrf && h('div', { class: 'actions' }, h('button', { type: 'button', onclick: acting(async () => { await logOut(); location.reload(); }) }, 'Sign out'))]
      : h('p', {}, session.required ? 'Not signed in.' : 'No token is needed: the service listens to this machine alone, or was told to let everyone in.'));
  }

  /** A list of the server's with a form beside it; says so where it isn't there or isn't allowed. */
  async function part(place, path, what, draw) {
    try {
      const list = await getIfThere(path, { signal });
      if (signal.aborted) return;
      if (!list) fill(place, lacking(`It has no ${what}.`));
      else draw(list.items);
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(place, error instanceof Problem && [401, 403].includes(error.status) ? h('p', { class: 'note' }, `Only a token with the scope admin may see ${what}.`) : failure(error));
    }
  }

  const loadTokens = (made) => part(tokens, '/v1/tokens', 'tokens', (items) => {
    const name = h('input', { type: 'text', required: true, maxlength: '100', placeholder: 'notebook', autocomplete: 'off' });
    const days = h('input', { type: 'number', min: '1', max: '3650', placeholder: 'never' });
    const scopes = ['read', 'submit', 'admin'].map((scope) => [scope, h('input', { type: 'checkbox', checked: scope !== 'admin' })]);
    fill(tokens,
      made && h('div', { class: 'notice good' }, h('p', {}, h('strong', {}, 'Keep it now: '), 'it isn’t shown again.'), code(made)),
      items.length ? table([
        { title: 'Name', cell: (token) => token.name }, { title: 'Scopes', cell: (token) => h('span', { class: 'labels' }, token.scopes.map((scope) => h('span', { class: 'chip' }, scope))) },
        { title: 'Made', cell: (token) => moment(token.created_at) }, { title: 'Last used', cell: (token) => ago(token.last_used_at) },
        { title: 'Expires', cell: (token) => (token.expires_at ? moment(token.expires_at) : 'never') },
        { title: 'Actions', cell: (token) => h('button', {
          type: 'button', class: 'small danger', 'aria-label': `Revoke ${token.name}`, onclick: acting(async () => {
            if (!await confirmation(`Revoke ${token.name}?`, 'Who uses it is let in no more, from now on.', 'Revoke it')) return;
            await remove(`/v1/tokens/${encodeURIComponent(token.id)}`);
            toast('Revoked.');
            await loadTokens();
          }),
        }, 'Revoke') }], items.slice(0, 50), { caption: 'Tokens' }) : h('p', { class: 'note' }, 'There are no tokens.'),
      h('form', {
        class: 'filters', onsubmit: async (event) => {
          event.preventDefault();
          try {
            const chosen = scopes.filter(([, box]) => box.checked).map(([scope]) => scope);
            const body = { name: name.value, scopes: chosen };
            if (days.value) body.expires_at = new Date(Date.now() + Number(days.value) * 86400000).toISOString();
            const answer = await post('/v1/tokens', body);
            await loadSession();
            drawSession();
            await loadTokens(answer.token);
          } catch (error) {
            toast(`${error.message} ${(error.errors || []).map((fault) => `${fault.pointer || ''} ${fault.detail || ''}`).join('; ')}`, 'bad');
          }
        },
      }, field('Name of a new token', name, { id: 'token-name' }), field('Days that it holds', days, { id: 'token-days' }),
      h('div', { class: 'field' }, h('span', { class: 'strong' }, 'Scopes'), h('span', { class: 'actions' }, scopes.map(([scope, box]) => h('label', { class: 'tick' }, box, scope)))),
      h('button', { class: 'primary' }, 'Make a token')));
  });

  const loadHooks = (made) => part(hooks, '/v1/webhooks', 'webhooks', (items) => {
    const url = h('input', { type: 'url', required: true, placeholder: 'https://example.org/emc', autocomplete: 'off' });
    fill(hooks,
      made && h('div', { class: 'notice good' }, h('p', {}, h('strong', {}, 'The secret that signs deliveries. '), 'It isn’t shown again.'), code(made)),
      items.length ? table([
        { title: 'Address', cell: (hook) => h('span', { class: 'strong' }, hook.url) }, { title: 'Made', cell: (hook) => moment(hook.created_at) },
        { title: 'Actions', cell: (hook) => h('span', { class: 'actions' }, h('button', { type: 'button', class: 'small', onclick: acting(() => loadDeliveries(hook)) }, 'Deliveries'),
          h('button', {
            type: 'button', class: 'small danger', 'aria-label': `Remove ${hook.url}`, onclick: acting(async () => {
              if (!await confirmation('Remove this webhook?', hook.url, 'Remove it')) return;
              await remove(`/v1/webhooks/${encodeURIComponent(hook.id)}`);
              fill(deliveries);
              await loadHooks();
            }),
          }, 'Remove')) }], items.slice(0, 50), { caption: 'Webhooks' }) : h('p', { class: 'note' }, 'There are no webhooks for all jobs; a job may have its own.'),
      h('form', {
        class: 'filters', onsubmit: async (event) => {
          event.preventDefault();
          try {
            const answer = await post('/v1/webhooks', { url: url.value });
            await loadHooks(answer.secret);
          } catch (error) {
            toast(`${error.message} ${(error.errors || []).map((fault) => fault.detail || '').join('; ')}`, 'bad');
          }
        },
      }, (() => { const made_ = field('Address of a new webhook', url, { id: 'hook-url' }); made_.classList.add('grow'); return made_; })(), h('button', { class: 'primary' }, 'Add')));
  });

  async function loadDeliveries(hook) {
    await part(deliveries, `/v1/webhooks/${encodeURIComponent(hook.id)}/deliveries`, 'deliveries', (items) => fill(deliveries, h('h3', {}, `Deliveries to ${hook.url}`),
      items.length ? table([
        { title: 'Event', cell: (item) => item.event || item.kind || '–' }, { title: 'State', cell: (item) => badge(item.state || (item.delivered_at ? 'succeeded' : 'queued')) },
        { title: 'Attempts', number: true, cell: (item) => integer(item.attempts?.length ?? item.attempts ?? item.attempt) }, { title: 'Answer', cell: (item) => item.status ?? item.response_status ?? item.error ?? item.last_error ?? '–' },
        { title: 'When', cell: (item) => moment(item.created_at ?? item.attempted_at) },
        { title: 'Actions', cell: (item) => h('button', { type: 'button', class: 'small', onclick: acting(async () => { await post(`/v1/webhooks/${encodeURIComponent(hook.id)}/deliveries/${encodeURIComponent(item.id)}/redeliver`); toast('It is sent again.'); await loadDeliveries(hook); }) }, 'Send again') },
      ], items.slice(0, 50), { caption: 'Deliveries' }) : empty('Nothing was delivered yet', 'The first job that ends from now on is.')));
  }

  drawTheme();
  drawSession();
  await Promise.all([loadTokens(), loadHooks()]);
}
