// Job: one measurement as it closes in, its result, and what can be done with it.
import { all, curl, get, post, Problem, remove } from '../api.js';
import { acting, badge, code, confirmation, copyButton, empty, figure, figures, fill, h, heading, outcomeMark, progressBar, section, table, throttled, toast } from '../components.js';
import { bounds, dataOf, duration, elapsed, integer, interval, labelsOf, modelOf, moment, number, optimizerOf, percent, titleOf, words } from '../format.js';
import { follow } from '../live.js';
import { candidateOf, diagnosisOf, endOf, failuresOf, purposeOf, raceOf, settlement } from '../words.js';
import { budget, closingIn, curves, fitProbability } from './job-charts.js';
import { nearness } from './jobs.js';

const live = ['queued', 'running', 'paused'];
const probesAPage = 20;

export async function show(root, { argument: id, signal }) {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  let job;
  let probes = [];
  let isComplete = true;
  let probePage = 0;
  let isWhole = false;
  let chosen = null;
  const history = recall(id);
  const training = new Map();

  try {
    job = await get(path, { signal });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      return fill(root, heading('Job'), h('div', { class: 'card' }, empty('There is no such job', 'It may have been deleted.', h('a', { class: 'button', href: '#/jobs' }, 'To the jobs'))));
    }
    throw error;
  }

  const state = () => ({ job, probes, history });
  const charts = {
    fit: fitProbability(state, () => isWhole, signal),
    closing: closingIn(state, signal),
    budget: budget(state, signal),
  };
  /** A probe by its size and replicate. Candidates of a race share these: there it is its number in the list that tells. */
  const nameOf = (probe) => {
    const purpose = purposeOf(probe);
    const index = purpose === 'race' ? probes.findIndex((other) => other.digest === probe.digest) : -1;
    return [`${integer(probe.samples)} samples`, `replicate ${probe.replicate}`, purpose !== 'measurement' && purpose, index >= 0 && `#${index + 1}`].filter(Boolean).join(', ');
  };
  const lines = () => {
    if (chosen?.curve) {
      return [{ label: nameOf(chosen), steps: chosen.curve.steps, loss: chosen.curve.loss, accuracy: chosen.curve.training_accuracy }];
    }
    return [...training.values()].slice(0, 8).map((line) => ({ ...line, label: nameOf(line) }));
  };
  const [loss, accuracy] = curves(lines, signal);

  const head = h('div');
  const overview = h('div', { class: 'stack' });
  const probeList = h('div', { class: 'stack' });
  const failureList = h('div', { class: 'stack' });
  const specificationView = h('div', { class: 'stack' });
  const curveHead = h('p', { class: 'note' });
  const whole = h('div', { class: 'segments', role: 'group', 'aria-label': 'Sizes shown' });
  const exports = h('div', { class: 'stack' });

  fill(root, head, overview, h('div', { class: 'grid' },
    section('Fit probability over sample size', { wide: true, id: 'fit', actions: whole }, charts.fit.element),
    section('How the search closed in', { id: 'closing' }, charts.closing.element),
    section('EMC over budget', { id: 'budget' }, charts.budget.element),
    section('Training', { wide: true, id: 'training' }, curveHead, h('div', { class: 'grid curves' }, loss.element, accuracy.element)),
    section('Specification', { id: 'specification' }, specificationView),
    section('Take it along', { id: 'exports' }, exports),
    section('How probes ended', { id: 'ends', wide: true }, failureList, probeList)));

  // What follows draws one part each.

  function drawHead() {
    const can = {
      cancel: live.includes(job.state), pause: ['queued', 'running'].includes(job.state), resume: job.state === 'paused', remove: !live.includes(job.state),
    };
    const act = (name, text) => acting(async () => {
      job = { ...job, ...await post(`${path}/${name}`) };
      toast(text);
      drawJob();
    });
    fill(head, heading(titleOf(job), {
      note: h('span', {}, badge(job.state), ' ', `${modelOf(job.specification)} on ${dataOf(job.specification)}, ${labelsOf(job.specification)} labels, ${optimizerOf(job.specification)}`),
      actions: [
        can.pause && h('button', { type: 'button', onclick: act('pause', 'Paused: no further probe begins.') }, 'Pause'),
        can.resume && h('button', { type: 'button', class: 'primary', onclick: act('resume', 'The job goes on.') }, 'Resume'),
        can.cancel && h('button', {
          type: 'button', class: 'danger', onclick: acting(async () => {
            if (!await confirmation('Cancel this job?', 'What it has measured so far is kept.', 'Cancel the job')) return;
            job = { ...job, ...await post(`${path}/cancel`) };
            toast('Cancelled.');
            drawJob();
          }),
        }, 'Cancel'),
        h('a', { class: 'button', href: `#/new?from=${job.id}` }, 'Clone'),
        h('a', { class: 'button', href: `#/compare?jobs=${job.id}` }, 'Compare'),
        can.remove && h('button', {
          type: 'button', class: 'danger', onclick: acting(async () => {
            if (!await confirmation('Delete this job?', 'Its result is gone then. Probes that other jobs share stay.', 'Delete the job')) return;
            await remove(path);
            location.hash = '#/jobs';
            toast('Deleted.');
          }),
        }, 'Delete'),
      ],
    }));
  }

  function drawOverview() {
    const now = job.result || job.progress || {};
    const level = now.interval ? `${percent(now.interval.level, 2)} interval ${interval(now.interval)}` : null;
    const main = figure('EMC', now.emc === null || now.emc === undefined ? 'not known yet' : integer(now.emc), level ? `samples; ${level}` : null);
    main.classList.add('main');
    const steps = job.progress?.steps ?? 0;
    const seconds = probes.reduce((sum, probe) => sum + (probe.seconds || 0), 0);
    const tested = job.result?.generalization;
    const tuning = job.result?.tuning;
    const share = (value) => percent(value);
    fill(overview,
      job.error && h('div', { class: 'notice bad', role: 'alert' }, h('p', {}, h('strong', {}, 'The job failed. '), job.error.detail)),
      job.waiting_for && live.includes(job.state) && h('div', { class: 'notice warn' }, h('p', {}, `Waits for ${job.waiting_for}.`)),
      !job.result && raceOf(job) && h('p', { class: 'race' }, raceOf(job)),
      job.state === 'running' && progressBar('How near the interval is to the width that was asked for', nearness(job)),
      figures(main,
        job.result ? figure('Parameters', integer(job.result.parameter_count), `EMC / P ${number(job.result.emc_per_parameter)}`) : null,
        job.result?.bounded_by ? figure('Bounded by', words(job.result.bounded_by), bounds[job.result.bounded_by]?.split(': ')[1]) : null,
        job.result?.budget ? figure('Settled', job.result.budget.settled ? 'yes' : 'no', job.result.budget.growth_per_doubling ? `+${percent(job.result.budget.growth_per_doubling.value)} for twice the steps` : null) : null,
        tested ? figure('Test accuracy', percent(tested.test_accuracy.value),
          `${percent(tested.test_accuracy.interval.level, 2)} interval ${interval(tested.test_accuracy.interval, share)}; ${integer(tested.networks)} networks of ${integer(tested.samples)} samples`) : null,
        tuning ? figure(tuning.finished ? 'Winner of the race' : 'Leader of the race', candidateOf(tuning.winner.values), `of ${integer(tuning.candidates.length)} candidates`) : null,
        figure('Probes', integer(job.progress?.probes_finished ?? 0), [`${integer(steps)} steps`, tuning && `${integer(tuning.cost.probes)} probes in the race`].filter(Boolean).join('; ')),
        figure(job.finished_at ? 'Took' : 'Runs for', duration(elapsed(job)), [
          live.includes(job.state) && job.progress?.seconds_left > 0 && `about ${duration(job.progress.seconds_left)} left`,
          seconds ? `${duration(seconds)} of training` : `asked for ${moment(job.created_at)}`].filter(Boolean).join('; '))),
      job.result && h('p', { class: 'summary' }, job.result.summary));
  }

  function drawFailures() {
    const endsOf = (list) => {
      const counts = list.reduce((sums, { outcome }) => ({ ...sums, [outcome]: (sums[outcome] || 0) + 1 }), {});
      return list.length > 0 && h('div', { class: 'legend' }, Object.entries(counts).map(([outcome, count]) => h('span', {}, outcomeMark(outcome), ` ${integer(count)}`)));
    };
    const reasonsOf = (list) => {
      const said = new Map();
      for (const probe of list) for (const text of diagnosisOf(probe).slice(0, 1)) {
        const key = text.replaceAll(/[\d.,]+ ?%?/g, '#');
        const item = said.get(key) || { text, count: 0 };
        item.count += 1;
        said.set(key, item);
      }
      return [...said.values()].sort((a, b) => b.count - a.count).slice(0, 4).map(({ text, count }) => h('li', { class: 'note' }, `${integer(count)} of them: ${text}`));
    };
    const of = (purpose) => probes.filter((probe) => probe.outcome && purposeOf(probe) === purpose);
    // Its candidates differ in their rates: none is that of all.
    const race = of('race').map((probe) => ({ ...probe, diagnosis: probe.diagnosis?.map((item) => ({ ...item, learning_rate: undefined })) }));
    const failed = race.filter((probe) => probe.outcome !== 'fit').length;
    fill(failureList,
      h('div', { class: 'stack', id: 'own-ends' },
        endsOf(of('measurement')),
        job.result && h('ul', { class: 'plain-list' },
          failuresOf(job.result.failures).map((text) => h('li', {}, text)),
          reasonsOf(of('measurement')),
          settlement(job.result.budget) && h('li', {}, settlement(job.result.budget)))),
      race.length > 0 && h('div', { class: 'stack', id: 'race-ends' },
        h('h3', {}, 'The race’s runs'), endsOf(race),
        h('ul', { class: 'plain-list' }, job.result && h('li', {}, raceOf(job)),
          failed > 0 && h('li', {}, `${integer(failed)} of ${integer(race.length)} runs failed.`), reasonsOf(race))));
  }

  function drawProbes() {
    const pages = Math.max(1, Math.ceil(probes.length / probesAPage));
    probePage = Math.min(probePage, pages - 1);
    const order = probes.map((probe, index) => ({ probe, index })).reverse();
    const rows = order.slice(probePage * probesAPage, (probePage + 1) * probesAPage);
    const isMixed = probes.some((probe) => purposeOf(probe) !== 'measurement');
    if (!rows.length) return fill(probeList, h('p', { class: 'note' }, job.state === 'queued' ? 'The job waits for a worker.' : 'No probes yet.'));
    fill(probeList,
      table([
        { title: '#', number: true, cell: ({ index }) => index + 1 },
        { title: 'Samples', number: true, cell: ({ probe }) => integer(probe.samples) },
        { title: 'Replicate', number: true, cell: ({ probe }) => probe.replicate },
        ...(isMixed ? [{ title: 'For', cell: ({ probe }) => purposeOf(probe) }] : []),
        { title: 'Outcome', cell: ({ probe }) => (probe.outcome ? outcomeMark(probe.outcome) : probe.verdict ? words(probe.verdict) : badge(probe.state)) },
        { title: 'What happened', cell: ({ probe }) => [h('span', {}, endOf(probe)), probe.outcome !== 'fit' && diagnosisOf(probe)[0] ? h('span', { class: 'note' }, ` ${diagnosisOf(probe)[0]}`) : null] },
        { title: 'Steps', number: true, cell: ({ probe }) => integer(probe.steps) },
        { title: 'Loss', number: true, cell: ({ probe }) => number(probe.loss) },
        { title: 'Time', number: true, cell: ({ probe }) => duration(probe.seconds) },
        {
          title: 'Curve', cell: ({ probe, index }) => (probe.curve ? h('button', {
            type: 'button', class: 'small', 'aria-label': `Curve of probe ${index + 1}`, 'aria-pressed': String(chosen?.digest === probe.digest),
            onclick: () => { chosen = chosen?.digest === probe.digest ? null : probe; drawCurves(); drawProbes(); document.getElementById('training-title').scrollIntoView({ block: 'start' }); },
          }, 'Show') : ''),
        },
      ], rows, { caption: 'Probes, the last first' }),
      pages > 1 && h('nav', { class: 'pager', 'aria-label': 'Pages of the probes' },
        h('button', { type: 'button', disabled: probePage === 0, onclick: () => { probePage -= 1; drawProbes(); } }, '← Later'),
        h('span', { class: 'note' }, `Page ${probePage + 1} of ${pages}`),
        h('button', { type: 'button', disabled: probePage === pages - 1, onclick: () => { probePage += 1; drawProbes(); } }, 'Earlier →')),
      !isComplete && h('p', { class: 'note' }, `The first ${integer(probes.length)} probes are shown; the CSV has all.`));
  }

  function drawCurves() {
    const running = [...training.values()];
    fill(curveHead, chosen
      ? [`Probe of ${nameOf(chosen)}: ${endOf(chosen)} `, h('button', { type: 'button', class: 'small', onclick: () => { chosen = null; drawCurves(); drawProbes(); } }, 'Back to what runs')]
      : running.length ? `${running.length} ${running.length === 1 ? 'probe is' : 'probes are'} under way.`
        : job.state === 'running' ? `Waiting for news of ${integer(job.progress?.probes_under_way ?? 0)} probes under way.` : 'Nothing is being trained for this job now. “Show” in the table of probes shows how an ended one went.');
    loss.refresh();
    accuracy.refresh();
  }

  async function drawSpecification() {
    const whole = h('details', { class: 'more' }, h('summary', {}, 'The whole specification'), code(JSON.stringify(job.specification, null, 2)));
    const facts = (value, places) => Object.entries(value).filter(([name]) => places.length || name !== 'name').map(([name, inner]) => (
      inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? facts(inner, [...places, name])
        : [h('dt', {}, [...places, name].map(words).join(' › ')), h('dd', {}, h('code', {}, JSON.stringify(inner)))]));
    try {
      const essential = await get(`${path}/specification`, { signal });
      fill(specificationView, h('p', { class: 'note' }, 'What it says beyond the defaults.'), h('dl', { class: 'facts' }, facts(essential, [])), whole);
    } catch {
      fill(specificationView, whole);
      whole.open = true;
    }
  }

  async function drawExports() {
    const link = (href, text, name) => h('a', { class: 'button small', href, download: name }, text);
    const hasPlot = await fetch(`${path}/plot.svg`, { method: 'HEAD', signal, credentials: 'same-origin' }).then((answer) => answer.ok, () => false);
    const hasCSV = await fetch(`${path}/probes?format=csv&limit=1`, { method: 'HEAD', signal, credentials: 'same-origin' }).then((answer) => answer.ok && (answer.headers.get('Content-Type') || '').includes('csv'), () => false);
    if (signal.aborted) return;
    fill(exports,
      h('div', { class: 'actions' }, link(path, 'JSON', `${id}.json`),
        hasCSV ? link(`${path}/probes?format=csv`, 'CSV of the probes', `${id}-probes.csv`) : h('button', { type: 'button', class: 'small', onclick: saveProbes }, 'CSV of the probes'),
        hasPlot && link(`${path}/plot.svg`, 'SVG', `${id}.svg`),
        copyButton('Copy the specification', () => JSON.stringify(job.specification, null, 2))),
      h('h3', {}, 'From a shell'), code(curl('GET', path)),
      h('h3', {}, 'The same measurement again'), code(curl('POST', '/v1/jobs', job.specification)));
  }

  /** The probes as this page has them, by RFC 4180. */
  function saveProbes() {
    const names = ['samples', 'replicate', 'outcome', 'steps', 'epochs', 'training_accuracy', 'loss', 'gradient_norm', 'seconds', 'digest'];
    const cell = (value) => (value === null || value === undefined ? '' : /[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
    const text = [names, ...probes.map((probe) => names.map((name) => cell(probe[name])))].map((row) => row.join(',')).join('\r\n');
    const file = URL.createObjectURL(new Blob([`${text}\r\n`], { type: 'text/csv' }));
    const anchor = h('a', { href: file, download: `${id}-probes.csv` });
    anchor.click();
    URL.revokeObjectURL(file);
  }

  function drawWhole() {
    const button = (text, value) => h('button', { type: 'button', 'aria-pressed': String(isWhole === value), onclick: () => { isWhole = value; drawWhole(); charts.fit.refresh(); } }, text);
    fill(whole, button('Around the threshold', false), button('All sizes', true));
  }

  function drawJob() {
    if (signal.aborted) return;
    document.title = `${job.result ? `${integer(job.result.emc)} · ` : ''}${titleOf(job)} · emc`;
    drawHead();
    drawOverview();
    drawFailures();
  }

  function drawAll() {
    if (signal.aborted) return;
    drawJob();
    drawProbes();
    drawCurves();
    for (const one of Object.values(charts)) one.refresh();
  }

  function learn(fresh) {
    const { probes: reported, ...result } = fresh.result || {};
    job = { ...job, ...fresh, result: fresh.result ? { ...job.result, ...result } : fresh.result };
    const now = job.progress;
    if (now?.interval && history.at(-1)?.probes !== now.probes_finished) {
      history.push({ probes: now.probes_finished, lower: now.interval.lower, upper: now.interval.upper, emc: now.emc });
      remember(id, history);
    }
    if (!live.includes(job.state)) training.clear();
  }

  async function load() {
    const [fresh, list] = await Promise.all([get(path, { signal }), all(`${path}/probes`, {}, { most: 2000, signal })]);
    learn(fresh);
    probes = list.items;
    isComplete = list.complete;
    drawAll();
  }

  learn(job);
  drawWhole();
  drawJob();
  drawSpecification();
  drawExports().catch(() => {});
  await load();

  const redraw = throttled(400, drawAll);
  const redrawCurves = throttled(700, drawCurves);
  const reload = throttled(1500, () => load().catch(() => {}));
  follow(`${path}/events`, {
    signal, every: live.includes(job.state) ? 1500 : 10000, isOver: () => !live.includes(job.state),
    poll: async () => { if (live.includes(job.state)) await load(); },
    on: {
      job: (fresh) => {
        const before = job.state;
        learn(fresh);
        // The whole result, and probes that were begun since.
        if (before !== job.state || fresh.result) reload(); else redraw();
      },
      probe: (probe) => {
        const index = probes.findIndex((other) => (probe.digest ? other.digest === probe.digest : other.samples === probe.samples && other.replicate === probe.replicate));
        if (index >= 0) probes[index] = { ...probes[index], ...probe };
        else reload();
        training.delete(probe.digest);
        redraw();
      },
      training: (news) => {
        const { digest, samples, replicate } = news;
        const line = training.get(digest) || { digest, samples, replicate, steps: [], loss: [], accuracy: [] };
        if (line.steps.length && news.steps < line.steps.at(-1)) return;
        line.steps.push(news.steps);
        line.loss.push(news.loss);
        line.accuracy.push(news.accuracy);
        training.set(digest, line);
        if (!chosen) redrawCurves();
      },
    },
  });
}

/** The intervals that this browser has seen of a job. */
function recall(id) {
  try { return JSON.parse(sessionStorage.getItem(`emc.history.${id}`)) || []; } catch { return []; }
}

function remember(id, history) {
  try { sessionStorage.setItem(`emc.history.${id}`, JSON.stringify(history.slice(-400))); } catch { /* For this visit alone. */ }
}
