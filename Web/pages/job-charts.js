// The charts of one job. Each draws what is known by now; none has an estimate of its own.
import { chart, faded, linear, logarithmic, mostPoints, shapes, thinned } from '../charts.js';
import { integer, interval, number, percent } from '../format.js';
import { purposeOf } from '../words.js';

const isOwn = (probe) => purposeOf(probe) === 'measurement';

/** The measurement's own probes that have ended: a race's runs are other procedures', and networks that are tested were trained at a size of theirs. */
const ended = (probes) => probes.filter((probe) => probe.outcome && isOwn(probe));

/** Why there is nothing to draw. */
const waitingFor = ({ job }) => (job.progress?.tuning && !job.progress.tuning.finished && !job.result
  ? 'The measurement begins after the race, with its winner.' : 'No probe has ended yet.');

/** A small shift that a probe always has, so that probes of one size don't hide each other; −1 to 1. */
const jitter = (probe) => ((Math.imul(probe.samples * 31 + probe.replicate * 977 + 7, 2654435761) >>> 8) % 2001) / 1000 - 1;

/** The share of fits at each size. */
function shares(probes) {
  const sizes = new Map();
  for (const probe of ended(probes)) {
    const size = sizes.get(probe.samples) || { samples: probe.samples, fits: 0, count: 0 };
    size.count += 1;
    if (probe.outcome === 'fit') size.fits += 1;
    sizes.set(probe.samples, size);
  }
  return [...sizes.values()].sort((a, b) => a.samples - b.samples);
}

/** `state()` gives { job, probes }; `isWhole()` whether all sizes are shown rather than those around the threshold. */
export function fitProbability(state, isWhole, signal) {
  const range = () => {
    const { job, probes } = state();
    const sizes = ended(probes).map((probe) => probe.samples);
    if (!sizes.length) return null;
    const known = (job.result || job.progress)?.interval;
    let [low, high] = [Math.min(...sizes), Math.max(...sizes)];
    if (!isWhole() && known?.lower && known?.upper) {
      low = Math.max(low, known.lower / 2);
      high = Math.min(high, known.upper * 2);
    }
    return { low: Math.max(1, low / 1.12), high: high * 1.12 };
  };
  return chart({
    signal, label: 'Fit probability over sample size', height: 330,
    waiting: () => waitingFor(state()),
    describe: () => {
      const { job, probes } = state();
      const now = job.result || job.progress;
      return `${ended(probes).length} probes. EMC ${integer(now?.emc)}, interval ${interval(now?.interval)}.`;
    },
    rows: () => ({
      columns: ['Samples', 'Probes', 'Fits', 'Share that fits'],
      rows: shares(state().probes).map((size) => [integer(size.samples), size.count, size.fits, percent(size.fits / size.count)]),
    }),
    draw: (theme) => {
      const { job, probes } = state();
      const span = range();
      if (!span) return null;
      const now = job.result || job.progress || {};
      const inside = (samples) => samples >= span.low && samples <= span.high;
      const shown = thinned(ended(probes).filter((probe) => inside(probe.samples)), mostPoints - 180);
      const datasets = [];
      const legend = [];
      const curve = job.result?.fit_probability?.curve;
      if (curve) {
        const line = (column) => curve.samples.map((samples, index) => ({ x: samples, y: curve[column][index] }));
        const common = { showLine: true, pointRadius: 0, pointHitRadius: 0, tension: 0.15 };
        datasets.push({ ...common, data: line('upper'), borderWidth: 0, fill: '+1', backgroundColor: faded(theme.accent, 0.14) },
          { ...common, data: line('lower'), borderWidth: 0 },
          { ...common, data: line('median'), borderColor: theme.accent, borderWidth: 2.5 });
        legend.push(['line', theme.accent, 'Fit probability'], ['band', faded(theme.accent, 0.3), `Its ${percent(now.interval.level, 2)} band`]);
      }
      const sizes = shares(probes).filter((size) => inside(size.samples));
      datasets.push({
        data: sizes.map((size) => ({ x: size.samples, y: size.fits / size.count, size })), pointStyle: 'circle',
        pointRadius: sizes.map((size) => 3 + Math.min(6, Math.sqrt(size.count))), pointHitRadius: 4,
        backgroundColor: faded(theme.surface, 0.85), borderColor: theme.text, borderWidth: 1.75,
      });
      legend.push(['ring', theme.text, 'Share of fits at a size']);
      for (const [outcome, style] of Object.entries(shapes)) {
        const own = shown.filter((probe) => probe.outcome === outcome);
        if (!own.length) continue;
        datasets.push({
          data: own.map((probe) => ({ x: probe.samples, y: outcome === 'fit' ? 1.1 + jitter(probe) * 0.045 : -0.1 + jitter(probe) * 0.045, probe })),
          pointStyle: style, pointRadius: 4, pointHitRadius: 3, backgroundColor: faded(theme[outcome], 0.75), borderColor: theme[outcome],
          borderWidth: ['crossRot', 'star'].includes(style) ? 1.75 : 0.5,
        });
        legend.push([style, theme[outcome], `A probe: ${outcome}`]);
      }
      const bands = [];
      const lines = [{ axis: 'y', value: 0.5, colour: theme.muted, dash: [2, 4], width: 1 }];
      if (now.interval && (now.interval.lower !== null || now.interval.upper !== null)) {
        bands.push({ from: now.interval.lower, to: now.interval.upper, colour: faded(theme.emphasis, 0.15) });
        legend.push(['band', faded(theme.emphasis, 0.4), `Interval ${interval(now.interval)}`]);
      }
      for (const end of [now.bracket?.largest_fit, now.bracket?.smallest_unfit]) {
        if (end) lines.push({ value: end, colour: faded(theme.muted, 0.8), dash: [5, 4], width: 1.25 });
      }
      if (now.bracket?.largest_fit || now.bracket?.smallest_unfit) legend.push(['dashed', theme.muted, 'Bracket']);
      if (now.emc) {
        lines.push({ value: now.emc, colour: theme.emphasis, width: 2 });
        legend.push(['line', theme.emphasis, `EMC ${integer(now.emc)}`]);
      }
      return {
        legend, marks: { bands, lines }, data: { datasets },
        options: {
          scales: {
            x: logarithmic('samples', theme, { min: span.low, max: span.high }),
            y: linear('fit probability', theme, {
              min: -0.18, max: 1.18, afterBuildTicks: (axis) => { axis.ticks = [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value })); },
              ticks: { callback: (value) => percent(value) },
            }),
          },
          plugins: {
            tooltip: {
              callbacks: {
                label: ({ raw }) => {
                  if (raw.probe) return `${integer(raw.probe.samples)} samples, replicate ${raw.probe.replicate}: ${raw.probe.outcome}${raw.probe.steps !== undefined ? ` after ${integer(raw.probe.steps)} steps` : ''}`;
                  if (raw.size) return `${integer(raw.size.samples)} samples: ${raw.size.fits} of ${raw.size.count} fit`;
                  return `${integer(raw.x)} samples: ${percent(raw.y)}`;
                },
              },
            },
          },
        },
      };
    },
  });
}

/** How the search closed in: each probe's size in the order of asking, and the interval as it became narrower. */
export function closingIn(state, signal) {
  return chart({
    signal, label: 'How the search closed in', waiting: () => waitingFor(state()),
    describe: () => `${ended(state().probes).length} probes in the order in which they were asked for; interval now ${interval((state().job.result || state().job.progress)?.interval)}.`,
    rows: () => ({
      columns: ['Probe', 'Samples', 'Replicate', 'Outcome'],
      rows: state().probes.map((probe, index) => ({ probe, order: index + 1 })).filter(({ probe }) => isOwn(probe))
        .map(({ probe, order }) => [order, integer(probe.samples), probe.replicate, probe.outcome || probe.state]),
    }),
    draw: (theme) => {
      const { job, probes, history } = state();
      if (!ended(probes).length) return null;
      const numbered = thinned(probes.map((probe, index) => ({ probe, order: index + 1 })).filter(({ probe }) => probe.outcome && isOwn(probe)), mostPoints - 100);
      const datasets = [];
      const legend = [];
      const now = job.result || job.progress || {};
      const seen = thinned(history.filter((item) => item.lower && item.upper), 50);
      if (seen.length > 1) {
        const line = (key) => seen.map((item) => ({ x: item.probes, y: item[key] }));
        const common = { showLine: true, stepped: 'before', pointRadius: 0, pointHitRadius: 0 };
        datasets.push({ ...common, data: line('upper'), borderColor: faded(theme.emphasis, 0.7), borderWidth: 1.25, fill: '+1', backgroundColor: faded(theme.emphasis, 0.16) },
          { ...common, data: line('lower'), borderColor: faded(theme.emphasis, 0.7), borderWidth: 1.25 });
        legend.push(['band', faded(theme.emphasis, 0.4), 'Interval while you watched']);
      }
      for (const [outcome, style] of Object.entries(shapes)) {
        const own = numbered.filter((item) => item.probe.outcome === outcome);
        if (!own.length) continue;
        datasets.push({
          data: own.map(({ probe, order }) => ({ x: order, y: probe.samples, probe })), pointStyle: style, pointRadius: 4, pointHitRadius: 3,
          backgroundColor: faded(theme[outcome], 0.8), borderColor: theme[outcome], borderWidth: ['crossRot', 'star'].includes(style) ? 1.75 : 0.5,
        });
        legend.push([style, theme[outcome], outcome]);
      }
      const lines = now.emc ? [{ axis: 'y', value: now.emc, colour: theme.emphasis, width: 2 }] : [];
      if (now.emc) legend.push(['line', theme.emphasis, 'EMC']);
      return {
        legend, data: { datasets },
        marks: { lines, bands: seen.length > 1 || !now.interval ? [] : [{ axis: 'y', from: now.interval.lower, to: now.interval.upper, colour: faded(theme.emphasis, 0.12) }] },
        options: {
          scales: { x: linear('probe, in the order of asking', theme, { min: numbered[0].order - 1, ticks: { precision: 0 } }), y: logarithmic('samples', theme) },
          plugins: { tooltip: { callbacks: { label: ({ raw }) => (raw.probe ? `Probe ${raw.x}: ${integer(raw.probe.samples)} samples, ${raw.probe.outcome}` : `${integer(raw.y)}`) } } },
        },
      };
    },
  });
}

/** The EMC at every halving of the steps. */
export function budget(state, signal) {
  const readings = () => [...(state().job.result?.budget?.emc_at || [])].filter((item) => item.emc > 0).sort((a, b) => a.steps - b.steps);
  return chart({
    signal, label: 'EMC over budget', waiting: 'Comes with the result: what a smaller number of steps would have given, from the same probes.',
    describe: () => readings().map((item) => `${integer(item.steps)} steps: ${integer(item.emc)}`).join('; '),
    rows: () => ({ columns: ['Steps', 'EMC', 'Interval'], rows: readings().map((item) => [integer(item.steps), integer(item.emc), interval(item.interval)]) }),
    draw: (theme) => {
      const items = readings();
      if (items.length < 2) return null;
      const line = (value) => items.map((item) => ({ x: item.steps, y: value(item), item }));
      const common = { showLine: true, pointRadius: 0, pointHitRadius: 0, borderWidth: 0 };
      const level = items[0].interval?.level;
      return {
        legend: [['line', theme.accent, 'EMC'], ['band', faded(theme.accent, 0.3), `Its interval (${percent(level, 2)})`]],
        data: {
          datasets: [
            { ...common, data: line((item) => item.interval?.upper ?? item.emc), fill: '+1', backgroundColor: faded(theme.accent, 0.15) },
            { ...common, data: line((item) => item.interval?.lower ?? item.emc) },
            { data: line((item) => item.emc), showLine: true, borderColor: theme.accent, backgroundColor: theme.accent, borderWidth: 2.25, pointRadius: 3.5, pointHitRadius: 6 },
          ],
        },
        options: {
          // An interval that reaches down to nothing would flatten all that matters.
          scales: { x: logarithmic('steps that each probe may take', theme), y: logarithmic('EMC, samples', theme, { min: Math.min(...items.map((item) => item.emc)) / 2 }) },
          plugins: { tooltip: { callbacks: { label: ({ raw }) => `${integer(raw.item.steps)} steps: EMC ${integer(raw.item.emc)} (${interval(raw.item.interval)})` } } },
        },
      };
    },
  });
}

/**
 * Loss and accuracy over steps. `lines()` gives [{ label, steps, loss, accuracy }], each of columns.
 * Returns two charts.
 */
export function curves(lines, signal) {
  const one = (label, key, axis) => chart({
    signal, label, height: 230, waiting: '',
    describe: () => lines().map((line) => `${line.label}: ${number(line[key].at(-1))} after ${integer(line.steps.at(-1))} steps`).join('; '),
    rows: () => ({
      columns: ['Probe', 'Steps', label],
      rows: lines().flatMap((line) => thinned(line.steps.map((steps, index) => [line.label, integer(steps), number(line[key][index])]), 20)),
    }),
    draw: (theme) => {
      const present = lines().filter((line) => line.steps.length);
      if (!present.length) return null;
      const most = Math.floor(mostPoints / present.length);
      return {
        legend: present.map((line, index) => ['line', theme.series[index % 8], line.label]),
        data: {
          datasets: present.map((line, index) => ({
            data: thinned(line.steps.map((x, at) => ({ x, y: line[key][at], label: line.label })).filter((point) => point.y !== null && (key !== 'loss' || point.y > 0)), most),
            showLine: true, borderColor: theme.series[index % 8], backgroundColor: theme.series[index % 8], borderWidth: 1.75,
            pointRadius: line.steps.length > 1 ? 0 : 3, pointHitRadius: 5,
          })),
        },
        options: {
          scales: { x: linear('steps', theme, { ticks: { callback: (value) => integer(value), maxTicksLimit: 6 } }), y: axis(theme) },
          plugins: { tooltip: { callbacks: { label: ({ raw }) => `${raw.label}: ${number(raw.y)} after ${integer(raw.x)} steps` } } },
        },
      };
    },
  });
  return [
    one('Training loss', 'loss', (theme) => logarithmic('loss', theme)),
    one('Training accuracy', 'accuracy', (theme) => linear('accuracy', theme, { max: 1, ticks: { callback: (value) => percent(value), maxTicksLimit: 6 } })),
  ];
}

