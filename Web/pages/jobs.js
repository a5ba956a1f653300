// Jobs: the list, live, with filters in the address; several at once can be compared, cancelled and deleted.
import { address, get, post, Problem, remove } from '../api.js';
import { acting, badge, choice, confirmation, empty, failure, field, fill, h, heading, pager, progressBar, table, throttled, toast } from '../components.js';
import { ago, dataOf, duration, elapsed, integer, interval, labelsOf, modelOf, moment, number, optimizerOf, titleOf, words } from '../format.js';
import { follow } from '../live.js';
import { keepInAddress } from '../route.js';

const states = ['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'];
const pageSize = 50;

/** How near the interval is to the width that the search asks for, 0 to 1; undefined where that isn't known. */
export function nearness(job) {
  if (job.state === 'succeeded') return 1;
  const goal = job.specification.search?.relative_width;
  const now = job.progress?.relative_width;
  if (!goal || !now || !Number.isFinite(now)) return undefined;
  const start = Math.max(16, now);
  // Each halving of the width fills an equal part.
  return Math.min(1, Math.max(0, Math.log2(start / now) / Math.log2(start / goal)));
}

const reading = (job) => job.result || job.progress || {};

const columns = [
  {
    key: 'name', title: 'Name', fixed: true, class: 'name-cell',
    cell: (job) => [h('a', { href: `#/job/${job.id}` }, titleOf(job)),
      job.waiting_for ? h('span', { class: 'note' }, `Waits for ${job.waiting_for}`) : null,
      job.labels && Object.keys(job.labels).length ? h('span', { class: 'labels' },
        Object.entries(job.labels).map(([key, value]) => h('span', { class: 'chip' }, `${key}: ${value}`))) : null],
  },
  { key: 'state', title: 'State', on: true, cell: (job) => badge(job.state) },
  {
    key: 'progress', title: 'Progress', on: true,
    cell: (job) => (['running', 'paused'].includes(job.state)
      ? h('div', { class: 'progress-cell' }, progressBar(`Progress of ${titleOf(job)}`, nearness(job)),
        h('span', { class: 'note' }, `${integer(job.progress?.probes_finished ?? 0)} probes`))
      : h('span', { class: 'note' }, job.progress ? `${integer(job.progress.probes_finished)} probes` : '–')),
  },
  { key: 'emc', title: 'EMC', number: true, on: true, cell: (job) => h('span', { class: 'strong' }, integer(reading(job).emc)) },
  { key: 'interval', title: 'Interval', number: true, on: true, cell: (job) => interval(reading(job).interval) },
  { key: 'ratio', title: 'EMC / P', number: true, on: true, cell: (job) => number(job.result?.emc_per_parameter) },
  { key: 'parameters', title: 'Parameters', number: true, cell: (job) => integer(job.result?.parameter_count) },
  { key: 'bound', title: 'Bounded by', cell: (job) => words(job.result?.bounded_by ?? '–') },
  { key: 'settled', title: 'Settled', cell: (job) => (job.result?.budget ? (job.result.budget.settled ? 'yes' : 'no') : '–') },
  { key: 'data', title: 'Data', on: true, cell: (job) => dataOf(job.specification) },
  { key: 'labels', title: 'Labels', cell: (job) => labelsOf(job.specification) },
  { key: 'model', title: 'Model', on: true, cell: (job) => modelOf(job.specification) },
  { key: 'optimizer', title: 'Optimizer', cell: (job) => optimizerOf(job.specification) },
  { key: 'seed', title: 'Seed', number: true, cell: (job) => String(job.specification.seed) },
  { key: 'steps', title: 'Steps', number: true, cell: (job) => integer(job.progress?.steps) },
  { key: 'duration', title: 'Took', number: true, cell: (job) => duration(elapsed(job)) },
  { key: 'created', title: 'Created', number: true, on: true, cell: (job) => h('time', { datetime: job.created_at, title: moment(job.created_at) }, ago(job.created_at)) },
];

function chosenColumns() {
  try {
    const kept = JSON.parse(localStorage.getItem('emc.columns'));
    if (Array.isArray(kept)) return new Set(kept);
  } catch { /* The usual ones. */ }
  return new Set(columns.filter((column) => column.on).map((column) => column.key));
}

export async function show(root, { query, signal }) {
  const shown = chosenColumns();
  const selected = new Set();
  const trail = [];
  let jobs = [];
  let next = null;
  let cursor = query.get('cursor') || undefined;
  let fault = null;
  let isLoaded = false;

  const listing = h('div', { class: 'card flush rows-as-cards' });
  const filterNames = ['state', 'name_contains', 'dataset', 'model', 'optimizer', 'label', 'sort'];
  const filters = () => Object.fromEntries(filterNames.map((name) => [name, query.get(name)]).filter(([, value]) => value));
  const isFiltered = () => Object.keys(filters()).some((name) => name !== 'sort');

  async function load() {
    try {
      const page = await get(address('/v1/jobs', { limit: pageSize, ...filters(), cursor }), { signal });
      jobs = page.items;
      next = page.next;
      fault = null;
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      // A server that doesn't answer leaves what there was: the notice says so.
      if (error instanceof Problem && error.isUnreachable && isLoaded) throw error;
      fault = error;
    }
    isLoaded = true;
    draw();
  }

  function restart() {
    cursor = undefined;
    trail.length = 0;
    query.delete('cursor');
    keepInAddress('jobs', query);
    return load();
  }

  function setFilter(name, value) {
    if (value) query.set(name, value); else query.delete(name);
    return restart();
  }

  function draw() {
    if (signal.aborted) return;
    if (fault) return fill(listing, failure(fault, () => load()));
    if (!jobs.length) {
      return fill(listing, isFiltered()
        ? empty('No job is like that', 'No job passes these filters.', h('button', { type: 'button', onclick: clearFilters }, 'Clear the filters'))
        : cursor ? empty('No more jobs', 'The list ends here.', h('button', { type: 'button', onclick: restart }, 'To the newest'))
          : empty('No jobs yet', 'A job measures how much data a network really fits: choose data and a model, and watch the interval close in.',
            h('a', { class: 'button primary', href: '#/new' }, 'New job')));
    }
    const select = {
      selected, key: (job) => job.id, label: titleOf, onchange: draw,
    };
    fill(listing,
      selected.size > 0 && h('div', { class: 'selection' }, h('strong', {}, `${selected.size} selected`),
        h('button', { type: 'button', class: 'small', disabled: selected.size < 2, onclick: compare }, 'Compare'),
        h('button', { type: 'button', class: 'small', onclick: acting(cancelSelected) }, 'Cancel'),
        h('button', { type: 'button', class: 'small danger', onclick: acting(deleteSelected) }, 'Delete'),
        h('button', { type: 'button', class: 'small plain', onclick: () => { selected.clear(); draw(); } }, 'Clear selection')),
      table(columns.filter((column) => column.fixed || shown.has(column.key)), jobs, { caption: 'Jobs, newest first', select }),
      pager({
        previous: cursor && (() => {
          const before = trail.pop();
          go(before);
        }),
        next: next && (() => { trail.push(cursor); go(next); }),
        note: `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}${next || cursor ? ' on this page' : ''}`,
      }));
  }

  function go(to) {
    cursor = to;
    if (to) query.set('cursor', to); else query.delete('cursor');
    keepInAddress('jobs', query);
    load();
    window.scrollTo(0, 0);
  }

  function compare() { location.hash = `#/compare?jobs=${[...selected].join(',')}`; }

  /** Does something to each selected job and tells of how many it was true. */
  async function forEach(action, done) {
    let count = 0;
    const faults = [];
    for (const id of [...selected]) {
      try {
        await action(id);
        count += 1;
        selected.delete(id);
      } catch (error) {
        faults.push(error.message);
      }
    }
    toast(`${count} ${done}${faults.length ? `; ${faults.length} not: ${faults[0]}` : ''}`, faults.length ? 'bad' : '');
    await load();
  }

  const cancelSelected = async () => {
    if (await confirmation(`Cancel ${selected.size} ${selected.size === 1 ? 'job' : 'jobs'}?`, 'What they have measured so far is kept.', 'Cancel them')) {
      await forEach((id) => post(`/v1/jobs/${id}/cancel`), 'cancelled');
    }
  };

  const deleteSelected = async () => {
    if (await confirmation(`Delete ${selected.size} ${selected.size === 1 ? 'job' : 'jobs'}?`, 'Jobs that are queued or running stay: cancel them first. This can’t be undone.', 'Delete them')) {
      await forEach((id) => remove(`/v1/jobs/${id}`), 'deleted');
    }
  };

  const inputs = {};
  function clearFilters() {
    for (const name of filterNames) query.delete(name);
    for (const input of Object.values(inputs)) input.value = '';
    restart();
  }

  const text = (name, label, placeholder) => {
    inputs[name] = h('input', { type: 'search', placeholder, value: query.get(name) || '', oninput: throttled(400, (event) => setFilter(name, event?.target?.value ?? inputs[name].value.trim())) });
    return field(label, inputs[name], { id: `filter-${name}` });
  };
  inputs.state = choice([['', 'Any'], ...states], query.get('state') || '', { onchange: () => setFilter('state', inputs.state.value) });
  inputs.sort = choice([['', 'Newest first'], ['created', 'Oldest first'], ['-finished', 'Ended last'], ['name', 'By name'], ['-priority', 'By priority'], ['-emc', 'Largest EMC'], ['emc', 'Smallest EMC']], query.get('sort') || '', { onchange: () => setFilter('sort', inputs.sort.value) });
  const nameField = text('name_contains', 'Name contains', 'Search');
  nameField.classList.add('grow');
  const columnChoice = h('details', { class: 'popover' }, h('summary', {}, 'Columns'),
    h('div', {}, columns.filter((column) => !column.fixed).map((column) => h('label', { class: 'tick' }, h('input', {
      type: 'checkbox', checked: shown.has(column.key),
      onchange: (event) => {
        shown[event.target.checked ? 'add' : 'delete'](column.key);
        try { localStorage.setItem('emc.columns', JSON.stringify([...shown])); } catch { /* For this visit alone. */ }
        draw();
      },
    }), column.title))));
  const more = h('details', { class: 'popover' });
  const popover = (details, title, ...parts) => fill(details, h('summary', {}, title), h('div', {}, parts));
  for (const details of [columnChoice, more]) {
    details.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { details.open = false; details.querySelector('summary').focus(); }
    });
    document.addEventListener('click', (event) => { if (!details.contains(event.target)) details.open = false; }, { signal });
  }

  fill(root,
    heading('Jobs', { note: 'Each measures how many training samples a procedure really fits.' }),
    h('form', { class: 'filters', role: 'search', 'aria-label': 'Filter the jobs', onsubmit: (event) => event.preventDefault() },
      nameField, field('State', inputs.state, { id: 'filter-state' }), text('dataset', 'Data set', 'mnist'),
      field('Order', inputs.sort, { id: 'filter-sort' }),
      popover(more, 'More filters', text('model', 'Model', 'mlp'), text('optimizer', 'Optimizer', 'sgd'), text('label', 'Label', 'project=demo')), columnChoice),
    listing);

  fill(listing, empty('Loading …'));
  await load();

  // Jobs on this page are updated as they change; new ones come in at the top of the first page.
  const redraw = throttled(300, draw);
  const reload = throttled(1500, () => load().catch(() => {}));
  follow('/v1/events', {
    signal, poll: load,
    on: {
      job: (job) => {
        const index = jobs.findIndex((other) => other.id === job.id);
        if (index >= 0) {
          jobs[index] = { ...jobs[index], ...job };
          redraw();
        } else if (!cursor) {
          reload();
        }
      },
    },
  });
}
