// Compare: any jobs beside each other, their EMC with intervals, and only the fields in which they differ.
import { address, get } from '../api.js';
import { chart, faded, logarithmic } from '../charts.js';
import { badge, empty, failure, fill, h, heading, section, table } from '../components.js';
import { integer, interval, number, percent, titleOf, words } from '../format.js';
import { follow } from '../live.js';
import { keepInAddress } from '../route.js';

const most = 40;

/** A specification as dotted names with values. */
function flat(value, path = [], into = new Map()) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flat(inner, [...path, key], into);
  } else if (path.join('.') !== 'name') {
    into.set(path.join('.'), value);
  }
  return into;
}

/** The names whose values are not the same in all. */
export function differing(specifications) {
  const all = specifications.map((specification) => flat(specification));
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))];
  return names.filter((name) => new Set(all.map((one) => JSON.stringify(one.get(name)))).size > 1)
    .map((name) => ({ name, values: all.map((one) => one.get(name)) }));
}

const reading = (job) => job.result || job.progress || {};

export async function show(root, { query, signal }) {
  let ids = (query.get('jobs') || '').split(',').filter(Boolean).slice(0, most);
  const jobs = new Map();
  const faults = [];

  async function load() {
    await Promise.all(ids.map(async (id) => {
      try {
        const job = await get(`/v1/jobs/${encodeURIComponent(id)}`, { signal });
        if (job.result) delete job.result.probes;
        jobs.set(id, job);
      } catch (error) {
        if (error.name === 'AbortError' || error.isUnreachable) throw error;
        faults.push(`${id}: ${error.message}`);
        ids = ids.filter((other) => other !== id);
      }
    }));
    draw();
  }

  const present = () => ids.map((id) => jobs.get(id)).filter(Boolean);
  // A chart's rows need names that tell the jobs apart in little room.
  const short = (job, index) => {
    const title = titleOf(job);
    return `${index + 1}. ${title.length > 34 ? `${title.slice(0, 33)}…` : title}`;
  };

  const picture = chart({
    signal, label: 'EMC with intervals', height: 300, waiting: 'None of these jobs has a reading yet.',
    describe: () => present().map((job, index) => `${short(job, index)}: ${integer(reading(job).emc)} (${interval(reading(job).interval)})`).join('; '),
    rows: () => ({
      columns: ['Job', 'EMC', 'Interval', 'EMC / P'],
      rows: present().map((job) => [titleOf(job), integer(reading(job).emc), interval(reading(job).interval), number(job.result?.emc_per_parameter)]),
    }),
    draw: (theme) => {
      const shown = present().map((job, index) => ({ job, index, now: reading(job) })).filter(({ now }) => now.emc > 0);
      if (!shown.length) return null;
      const total = present().length;
      const place = (index) => total - index;
      const values = shown.flatMap(({ now }) => [now.emc, now.interval?.lower, now.interval?.upper]).filter((value) => value > 0);
      const level = shown[0].now.interval?.level;
      const ended = shown.filter(({ job }) => job.result);
      return {
        legend: [['circle', theme.accent, 'EMC'], ['line', theme.accent, `Interval (${percent(level, 2)})`], ...(ended.length < shown.length ? [['ring', theme.emphasis, 'Still being measured']] : [])],
        marks: {
          whiskers: shown.map(({ job, index, now }) => ({ at: place(index), from: now.interval?.lower ?? null, to: now.interval?.upper ?? null, colour: job.result ? theme.accent : theme.emphasis })),
        },
        data: {
          datasets: [{
            data: shown.map(({ job, index, now }) => ({ x: now.emc, y: place(index), job, now })), pointRadius: 5.5, pointHitRadius: 6,
            backgroundColor: shown.map(({ job }) => (job.result ? theme.accent : faded(theme.surface, 1))), borderColor: shown.map(({ job }) => (job.result ? theme.accent : theme.emphasis)), borderWidth: 2,
          }],
        },
        options: {
          scales: {
            x: logarithmic('EMC, samples', theme, { min: Math.min(...values) / 1.15, max: Math.max(...values) * 1.15 }),
            y: {
              type: 'linear', min: 0.4, max: total + 0.6, grid: { color: theme.grid, drawTicks: false }, border: { display: false },
              afterBuildTicks: (axis) => { axis.ticks = present().map((_, index) => ({ value: place(index) })).reverse(); },
              ticks: { color: theme.text, padding: 8, autoSkip: false, callback: (value) => { const index = total - value; const job = present()[index]; return job ? short(job, index).slice(0, innerWidth < 700 ? 12 : 40) : ''; } },
            },
          },
          plugins: { tooltip: { callbacks: { label: ({ raw }) => `${titleOf(raw.job)}: ${integer(raw.now.emc)} (${interval(raw.now.interval)})` } } },
        },
      };
    },
  });

  const result = h('div', { class: 'stack' });
  const note = h('div');
  fill(root, heading('Compare', {
    note: 'Any jobs beside each other. Whether a difference is one beyond chance a study says.',
    actions: [h('a', { class: 'button', href: '#/jobs' }, 'Choose jobs')],
  }), note, result);

  function draw() {
    if (signal.aborted) return;
    fill(note, faults.length > 0 && failure({ title: 'Some jobs are missing.', message: faults.join('; ') }));
    const list = present();
    if (!list.length) {
      return fill(result, h('div', { class: 'card' }, empty('Nothing to compare yet', 'Select two or more jobs in the list, then “Compare”.', h('a', { class: 'button primary', href: '#/jobs' }, 'To the jobs'))));
    }
    picture.element.querySelector('.stage').style.height = `${Math.max(170, 80 + list.length * 34)}px`;
    const different = differing(list.map((job) => job.specification));
    const rows = [
      { name: 'State', cells: list.map((job) => badge(job.state)) },
      { name: 'EMC', cells: list.map((job) => h('strong', {}, integer(reading(job).emc))) },
      { name: 'Interval', cells: list.map((job) => interval(reading(job).interval)) },
      { name: 'Ratio to the first', cells: list.map((job) => (reading(list[0]).emc && reading(job).emc ? number(reading(job).emc / reading(list[0]).emc) : '–')) },
      { name: 'Parameters', cells: list.map((job) => integer(job.result?.parameter_count)) },
      { name: 'EMC / P', cells: list.map((job) => number(job.result?.emc_per_parameter)) },
      { name: 'Bounded by', cells: list.map((job) => words(job.result?.bounded_by ?? '–')) },
      { name: 'Settled', cells: list.map((job) => (job.result?.budget ? (job.result.budget.settled ? 'yes' : 'no') : '–')) },
      { name: 'Probes', cells: list.map((job) => integer(job.progress?.probes_finished)) },
    ];
    const columns = [{ title: 'What', cell: (row) => h('span', { class: row.isField ? '' : 'strong' }, row.name) },
      ...list.map((job, index) => ({ title: () => h('span', {}, `${index + 1}. `, h('a', { href: `#/job/${job.id}` }, titleOf(job))), number: true, cell: (row) => row.cells[index] }))];
    const fields = different.map(({ name, values }) => ({ name: name.split('.').map(words).join(' › '), isField: true, cells: values.map((value) => (value === undefined ? '–' : h('code', {}, JSON.stringify(value)))) }));
    fill(result,
      section('EMC with intervals', { id: 'picture' }, picture.element),
      section('Readings', { id: 'readings' }, table(columns, rows, { caption: 'Readings of the jobs' })),
      section('What differs', { id: 'differences', note: fields.length ? `${fields.length} of the fields of their specifications; all others are the same.` : null },
        fields.length ? table(columns, fields, { caption: 'Fields that differ' }) : h('p', { class: 'note' }, list.length < 2 ? 'Select another job to see what differs.' : 'Their specifications are the same.')),
      list.length > 1 && h('p', { class: 'note' }, h('a', { href: address('/v1/results', { format: 'csv' }), download: 'results.csv' }, 'Every result as CSV')));
    picture.refresh();
    query.set('jobs', ids.join(','));
    keepInAddress('compare', query);
  }

  if (!ids.length) return draw();
  await load();
  if (present().some((job) => !job.finished_at)) {
    follow('/v1/events', {
      signal, every: 3000, poll: load,
      on: { job: (job) => { if (jobs.has(job.id)) { jobs.set(job.id, { ...jobs.get(job.id), ...job }); draw(); } } },
    });
  }
}
