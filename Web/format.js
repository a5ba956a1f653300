// Numbers, times and names as people read them.

const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 1216 → 1,216; an en dash where there is none. */
export const integer = (value) => (value === null || value === undefined ? '–' : decimals.format(value));

/** Three significant digits; very small and large ones by powers of ten. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
    return `${Number(mantissa)}·10${superscript(Number(exponent))}`;
  }
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value);
}

const superscript = (value) => String(value).replace(/[-\d]/g, (c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]);

export const percent = (value, digits = 3) => (value === null || value === undefined ? '–' : `${number(value * 100, digits)} %`);

/** The ends of an interval; an end beyond what could be asked for is open. */
export function interval(value, write = integer) {
  if (!value) return '–';
  const { lower, upper } = value;
  if (lower === null && upper === null) return 'not known yet';
  if (lower === null) return `at most ${write(upper)}`;
  if (upper === null) return `at least ${write(lower)}`;
  return `${write(lower)}–${write(upper)}`;
}

export function bytes(value) {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let index = 0;
  while (value >= 1000 && index < units.length - 1) { value /= 1000; index += 1; }
  return `${number(value)} ${units[index]}`;
}

/** A duration of seconds: 0.42 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return '–';
  if (seconds < 10) return `${number(seconds, 2)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
export const moment = (text) => (text ? clock.format(new Date(text)) : '–');

/** How long ago: now, 3 min ago, 2 d ago. */
export function ago(text) {
  if (!text) return '–';
  const seconds = (Date.now() - new Date(text)) / 1000;
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

/** How long a job took or has taken. */
export function elapsed(job) {
  if (!job.started_at) return null;
  return (new Date(job.finished_at || Date.now()) - new Date(job.started_at)) / 1000;
}

/** learning_rate → learning rate */
export const words = (name) => String(name).replaceAll('_', ' ');

export const outcomes = {
  fit: 'Every training sample was fit.',
  minimum: 'Training ended at a verified minimum of the loss below 100 %.',
  saddle: 'Training ended at a saddle: the Hessian has a negative eigenvalue beyond the tolerance.',
  budget: 'The steps were spent before a verdict.',
  diverged: 'Loss or gradient stopped being finite.',
};

export const bounds = {
  minimum: 'verified minima: the landscape is the limit',
  saddle: 'saddles: a lower bound',
  budget: 'the budget: a lower bound of what longer training might fit',
  diverged: 'divergence: a lower bound',
  dataset_size: 'the data set’s size: there was no more to ask for',
  search_sizes: 'the sizes that the search was given',
  memory: 'memory: there was no more to ask for',
};

/** The data of a specification in a few words. */
export function dataOf(specification) {
  const { name, dimensions, digest, ...options } = specification.dataset;
  // One option is enough to tell one from another in a list.
  const extra = dimensions ? [`d = ${dimensions}`] : Object.entries(options)
    .filter(([key, value]) => value !== null && typeof value !== 'object' && key !== 'test_fraction').slice(0, 1).map(([key, value]) => `${words(key)} ${value}`);
  return [name, ...extra].join(', ');
}

/** The model of a specification in a few words. */
export function modelOf(specification) {
  const model = specification.model;
  const shape = model.hidden?.length && model.kind === 'mlp' ? `[${model.hidden.join(', ')}]`
    : model.channels ? `[${model.channels.join(', ')}]`
      : model.stages && typeof model.stages[0] === 'number' ? `[${model.stages.join(', ')}]`
        : model.width ? `width ${model.width}, depth ${model.depth}`
          : model.layers ? `${model.layers.length} layers` : '';
  return shape ? `${model.kind} ${shape}` : model.kind;
}

export function optimizerOf(specification) {
  const { kind, learning_rate: rate } = specification.training.optimizer;
  return rate === undefined || rate === null ? kind : `${kind} ${rate}`;
}

/** What a job is called: its name, else what it measures. */
export const titleOf = (job) => job.name || `${modelOf(job.specification)} on ${dataOf(job.specification)}`;

/** A label regime in words. */
export function labelsOf(specification) {
  const labels = specification.labels || { kind: 'original' };
  return labels.kind === 'corrupted' ? `${percent(labels.fraction)} corrupted` : labels.kind;
}
