// Workers: the processes that train, what they do, and how long the queue is.
import { getIfThere } from '../api.js';
import { badge, empty, figure, figures, fill, h, heading, lacking, section, table } from '../components.js';
import { ago, bytes, duration, integer, moment, number, words } from '../format.js';
import { repeat } from '../live.js';

/** Whatever members an object has, with their names: servers of different versions tell different things. */
function facts(value, except = []) {
  const list = [];
  const visit = (inner, path) => {
    if (inner === null || inner === undefined || except.includes(path.join('.'))) return;
    if (Array.isArray(inner)) list.push([path, inner.every((item) => typeof item !== 'object') ? inner.join(', ') : `${inner.length}`]);
    else if (typeof inner === 'object') for (const [key, member] of Object.entries(inner)) visit(member, [...path, key]);
    else list.push([path, write(path.at(-1), inner)]);
  };
  visit(value, []);
  return h('dl', { class: 'facts' }, list.map(([path, text]) => [h('dt', {}, path.map(words).join(' › ')), h('dd', {}, text)]));
}

function write(key, value) {
  if (typeof value === 'number') return /bytes|memory/.test(key) ? bytes(value) : /seconds|(^|_)age(_|$)/.test(key) ? duration(value) : Number.isInteger(value) ? integer(value) : number(value);
  return /_at$/.test(key) ? moment(value) : String(value);
}

export async function show(root, { signal }) {
  const place = h('div', { class: 'stack' });
  fill(root, heading('Workers', { note: 'Who trains, and what waits to be trained.' }), place);

  async function load() {
    const [server, workers] = await Promise.all([getIfThere('/v1/server', { signal }), getIfThere('/v1/workers', { signal })]);
    if (signal.aborted) return;
    if (!server && !workers) return fill(place, h('div', { class: 'card' }, lacking('It doesn’t tell of its workers.')));
    const items = workers?.items || [];
    const alive = items.filter((worker) => worker.alive);
    const busy = items.reduce((sum, worker) => sum + (worker.probes?.length ?? 0), 0);
    const queue = server?.queue || {};
    fill(place,
      figures(figure('Processes that train', integer(alive.length), `${integer(alive.reduce((sum, worker) => sum + worker.workers, 0))} probes at once`), figure('Probes under way', integer(queue.probes?.running ?? busy)),
        queue.probes ? figure('Probes waiting', integer(queue.probes.queued ?? 0), queue.head_age_seconds ? `the oldest for ${duration(queue.head_age_seconds)}` : null) : null,
        queue.jobs ? figure('Jobs', integer(queue.jobs.running ?? 0), `running; ${integer(queue.jobs.queued ?? 0)} queued`) : null,
        server?.version ? figure('Version', server.version, server.engine_revision !== undefined ? `engine revision ${server.engine_revision}` : null) : null),
      h('section', { class: 'card flush rows-as-cards', 'aria-label': 'Workers' }, items.length ? table([
        { title: 'Worker', class: 'name-cell', cell: (worker) => h('strong', {}, worker.name) },
        { title: 'State', cell: (worker) => (worker.alive ? badge(worker.probes?.length ? 'running' : 'ready') : badge('gone')) },
        { title: 'Probes at once', number: true, cell: (worker) => integer(worker.workers) },
        { title: 'Under way', number: true, cell: (worker) => integer(worker.probes?.length ?? 0) },
        { title: 'Engine', number: true, cell: (worker) => integer(worker.engine_revision) },
        { title: 'Since', number: true, cell: (worker) => ago(worker.started_at) },
        { title: 'Seen', number: true, cell: (worker) => ago(worker.seen_at) },
      ], items.slice(0, 50), { caption: 'Workers' }) : empty('Nobody trains', 'Start the service with --workers, or emc worker on any machine that reaches the database.')),
      items.some((worker) => worker.probes?.length) && section('Under way', { id: 'under-way' }, table([
        { title: 'Worker', cell: ({ worker }) => worker.name },
        { title: 'Job', cell: ({ probe }) => { const job = probe.job ?? probe.jobs?.[0]; return job ? h('a', { href: `#/job/${job}` }, job.slice(0, 13)) : '–'; } },
        { title: 'Samples', number: true, cell: ({ probe }) => integer(probe.samples) }, { title: 'Replicate', number: true, cell: ({ probe }) => integer(probe.replicate) },
        { title: 'Since', number: true, cell: ({ probe }) => ago(probe.started_at) },
      ], items.flatMap((worker) => (worker.probes || []).map((probe) => ({ worker, probe }))).slice(0, 50), { caption: 'Probes under way' })),
      server && section('Server', { id: 'server' }, facts(server, ['workers'])));
  }
  await load();
  repeat(load, { every: 3000, signal });
}

