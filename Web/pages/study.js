// Study: every cell as it closes in, the comparison with its verdict, figures, and a report to print.
import { curl, get, post, Problem, remove, request } from '../api.js';
import { chart, logarithmic } from '../charts.js';
import { acting, badge, code, confirmation, empty, figure, figures, fill, h, heading, progressBar, section, table, throttled, toast } from '../components.js';
import { duration, integer, interval, number, percent, words } from '../format.js';
import { follow } from '../live.js';
import { doneOf } from './studies.js';

const ended = ['succeeded', 'failed', 'cancelled'];

/** The cells with what is known of each, from the comparison, the progress or the study's own list. */
function cellsOf(study) {
  const own = study.cells || [];
  const compared = new Map((study.comparison?.cells || []).map((cell) => [cell.label, cell]));
  const list = own.length ? own : study.comparison?.cells || [];
  return list.map((cell) => {
    const found = compared.get(cell.label) || {};
    return {
      ...cell, label: cell.label ?? Object.values(cell.values || {}).join(', '), job: cell.job ?? found.job,
      emc: cell.emc ?? cell.result?.emc ?? cell.progress?.emc ?? found.emc,
      interval: cell.interval ?? cell.result?.interval ?? cell.progress?.interval ?? found.interval, settled: cell.settled ?? found.settled ?? cell.result?.budget?.settled,
      // Of a cell that has not ended it is what bounds it so far.
      bounded_by: found.incomplete ? null : found.bounded_by,
    };
  });
}

/** Whether something is known of a cell's EMC; of one that has ended also where it is that too few runs fit. */
const hasReading = (cell) => typeof cell.emc === 'number' || cell.state === 'succeeded';

/** A ratio with its interval, as people say it. */
const ratio = (effect) => `${number(effect.ratio)} (${interval(effect.interval, (value) => number(value))})`;

export async function show(root, { argument: id, signal }) {
  const path = `/v1/studies/${encodeURIComponent(id)}`;
  let study;
  try {
    study = await get(path, { signal });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      return fill(root, heading('Study'), h('div', { class: 'card' }, empty('There is no such study', 'It may have been deleted, or this server has no studies.', h('a', { class: 'button', href: '#/studies' }, 'To the studies'))));
    }
    throw error;
  }
  /** Takes in what the server says of it; a study that goes on has no comparison of its own, and the one that was read stays. */
  const learn = (news) => { study = { ...study, ...news, comparison: news.comparison ?? study.comparison }; };

  const head = h('div');
  const overview = h('div', { class: 'stack' });
  const cells = h('div', { class: 'stack' });
  const findings = h('div', { class: 'stack' });
  const exports = h('div', { class: 'stack' });

  const picture = chart({
    signal, label: 'EMC of every cell', waiting: 'No cell has a reading yet.',
    describe: () => cellsOf(study).map((cell) => `${cell.label}: ${integer(cell.emc)} (${interval(cell.interval)})`).join('; '),
    rows: () => ({ columns: ['Cell', 'EMC', 'Interval'], rows: cellsOf(study).map((cell) => [cell.label, integer(cell.emc), interval(cell.interval)]) }),
    draw: (theme) => {
      const shown = cellsOf(study).filter((cell) => cell.emc > 0).sort((a, b) => b.emc - a.emc).slice(0, 40);
      if (!shown.length) return null;
      const place = (index) => shown.length - index;
      const values = shown.flatMap((cell) => [cell.emc, cell.interval?.lower, cell.interval?.upper]).filter((value) => value > 0);
      return {
        legend: [['circle', theme.accent, 'EMC'], ['line', theme.accent, `Interval (${percent(shown[0].interval?.level, 2)})`]],
        marks: { whiskers: shown.map((cell, index) => ({ at: place(index), from: cell.interval?.lower ?? null, to: cell.interval?.upper ?? null, colour: theme.accent })) },
        data: { datasets: [{ data: shown.map((cell, index) => ({ x: cell.emc, y: place(index), cell })), pointRadius: 5, pointHitRadius: 6, backgroundColor: theme.accent }] },
        options: {
          scales: {
            x: logarithmic('EMC, samples', theme, { min: Math.min(...values) / 1.15, max: Math.max(...values) * 1.15 }),
            y: {
              type: 'linear', min: 0.4, max: shown.length + 0.6, grid: { color: theme.grid, drawTicks: false },
              afterBuildTicks: (axis) => { axis.ticks = shown.map((_, index) => ({ value: place(index) })).reverse(); },
              ticks: { color: theme.text, autoSkip: false, callback: (value) => (shown[shown.length - value]?.label || '').slice(0, innerWidth < 700 ? 14 : 44) },
            },
          },
          plugins: { tooltip: { callbacks: { label: ({ raw }) => `${raw.cell.label}: ${integer(raw.cell.emc)} (${interval(raw.cell.interval)})` } } },
        },
      };
    },
  });

  fill(root, head, overview, h('div', { class: 'grid' },
    section('EMC of every cell', { id: 'picture', wide: true }, picture.element),
    section('What it found', { id: 'findings', wide: true }, findings),
    section('Cells', { id: 'cells', wide: true }, cells),
    section('Take it along', { id: 'exports', wide: true }, exports)));

  function draw() {
    if (signal.aborted) return;
    const isLive = !ended.includes(study.state);
    const act = (name, text) => acting(async () => { learn(await post(`${path}/${name}`)); toast(text); draw(); });
    const title = study.name || words(study.preset || 'Study');
    document.title = `${title} · emc`;
    fill(head, heading(title, {
      note: h('span', {}, badge(study.state), ' ', study.about?.question || (study.preset ? `Preset ${words(study.preset)}, ${study.scale || ''}` : '')),
      actions: [isLive && study.state !== 'paused' && h('button', { type: 'button', onclick: act('pause', 'Paused.') }, 'Pause'),
        study.state === 'paused' && h('button', { type: 'button', class: 'primary', onclick: act('resume', 'The study goes on.') }, 'Resume'),
        isLive && h('button', { type: 'button', class: 'danger', onclick: acting(async () => { if (await confirmation('Cancel this study?', 'Its cells keep what they have measured.', 'Cancel the study')) { learn(await post(`${path}/cancel`)); draw(); } }) }, 'Cancel'),
        h('button', { type: 'button', onclick: () => window.print() }, 'Print the report'),
        !isLive && h('button', { type: 'button', class: 'danger', onclick: acting(async () => { if (await confirmation('Delete this study?', 'Its comparison is gone then.', 'Delete the study')) { await remove(path); location.hash = '#/studies'; } }) }, 'Delete')],
    }));
    const list = cellsOf(study);
    const readings = list.filter(hasReading);
    const progress = study.progress || {};
    const left = progress.seconds_left;
    const comparison = study.comparison;
    const probes = study.cost?.probes;
    fill(overview, isLive && progressBar('Progress of the study', doneOf(study)),
      figures(figure('Cells', integer(progress.cells ?? list.length), `${integer(progress.cells_ended ?? list.filter((cell) => ended.includes(cell.state)).length)} have ended`),
        readings.length ? figure('Settled', integer(readings.filter((cell) => cell.settled).length), `of ${integer(readings.length)} ${readings.length === 1 ? 'reading' : 'readings'}`) : null,
        typeof left === 'number' && isLive ? figure('Time left', duration(left)) : null,
        probes ? figure('Probes', integer(probes.trained ?? probes), probes.shared ? `${integer(probes.shared)} shared between cells` : null) : null,
        study.cost?.training_seconds ? figure('Training', duration(study.cost.training_seconds)) : null),
      comparison?.verdict && h('p', { class: 'summary strong' }, comparison.verdict));
    const effects = comparison?.effects || [];
    fill(findings, !comparison || (!effects.length && !comparison.exponents?.length && !comparison.correlations?.length)
      ? h('p', { class: 'note' }, isLive ? 'The comparison comes as the cells close in.' : 'There is nothing to compare.')
      : [effects.length > 0 && table([
        { title: 'Between', cell: (effect) => effect.between.join(' and ') }, { title: 'In words', cell: (effect) => effect.text },
        { title: 'Ratio', number: true, cell: ratio }, { title: 'p, adjusted', number: true, cell: (effect) => number(effect.p_value_adjusted) },
        { title: 'Settled', cell: (effect) => (effect.settled ? 'yes' : 'no') }], effects.slice(0, 50), { caption: 'Effects' }),
      effects.length > 50 && h('p', { class: 'note' }, `The first 50 of ${integer(effects.length)}.`),
      [...(comparison.exponents || []), ...(comparison.correlations || [])].map((item) => h('p', {}, item.text))]);
    fill(cells, list.length ? table([
      { title: 'Cell', cell: (cell) => (cell.job ? h('a', { href: `#/job/${cell.job}` }, cell.label) : cell.label) },
      { title: 'State', cell: (cell) => [badge(cell.state || 'queued'), cell.error?.detail && h('span', { class: 'note' }, ` ${cell.error.detail}`)] },
      { title: 'EMC', number: true, cell: (cell) => h('strong', {}, integer(cell.emc)) }, { title: 'Interval', number: true, cell: (cell) => interval(cell.interval) },
      { title: 'Settled', cell: (cell) => (!hasReading(cell) || typeof cell.settled !== 'boolean' ? '–' : cell.settled ? 'yes' : 'no') },
      { title: 'Bounded by', cell: (cell) => words(cell.bounded_by ?? '–') }], list.slice(0, 50), { caption: 'Cells' }) : h('p', { class: 'note' }, 'No cells yet.'),
    list.length > 50 && h('p', { class: 'note' }, `The first 50 of ${integer(list.length)} cells; results.csv has all.`));
    picture.element.querySelector('.stage').style.height = `${Math.max(170, 80 + Math.min(40, list.length) * 26)}px`;
    picture.refresh();
  }

  fill(exports, h('div', { class: 'actions' },
    h('a', { class: 'button small', href: path, download: `${id}.json` }, 'JSON'), h('a', { class: 'button small', href: `${path}/results.csv`, download: `${id}.csv` }, 'results.csv'),
    h('a', { class: 'button small', href: `${path}/plot.svg`, download: `${id}.svg` }, 'SVG')), code(curl('GET', path)));

  /** What the comparison was last read for. */
  const compared = { states: '', probes: '', at: 0, etag: null };

  /** Reads the comparison again: at once where a cell has changed its state, for probes every ten seconds, since it is made anew of all of them. */
  async function compare() {
    const list = study.cells || [];
    const states = JSON.stringify([study.state, list.map((cell) => [cell.label, cell.job, cell.state])]);
    const probes = JSON.stringify(list.map((cell) => cell.probes_finished));
    if (states === compared.states && (probes === compared.probes || Date.now() - compared.at < 10000)) return;
    let answer = null;
    try {
      answer = await request('GET', `${path}/comparison`, { signal, etag: compared.etag });
    } catch (error) {
      // What was read before stands until the next look.
      if (!error.isMissingRoute) return;
    }
    if (answer?.data) study.comparison = answer.data;
    Object.assign(compared, { states, probes, at: Date.now(), etag: answer?.headers.get('ETag') ?? null });
  }

  async function load() {
    learn(await get(path, { signal }));
    await compare();
    draw();
  }
  draw();
  await load();
  if (!ended.includes(study.state)) {
    const reload = throttled(1500, () => load().catch(() => {}));
    follow(`${path}/events`, { signal, every: 4000, poll: load, isOver: () => ended.includes(study.state), on: { study: (news) => { learn(news); reload(); }, job: reload, probe: reload } });
  }
}
