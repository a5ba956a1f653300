// What a result says, in words.
import { integer, number, percent, words } from './format.js';

const diagnoses = {
  conflicting_duplicates: (d) => `${integer(d.count ?? d.samples ?? d.groups?.length)} samples are the same as others with another label: no network can fit them all.`,
  at_chance: (d) => `The accuracy, ${percent(d.training_accuracy)}, is that of guessing (${percent(d.chance)}).`,
  // The rate comes with a measured curvature alone.
  rate_too_high: (d) => `The rate ${typeof d.learning_rate === 'number' ? `${number(d.learning_rate)} ` : ''}is too high: it keeps the loss from going further down.`,
  dead_units: () => 'Many units are dead: they give 0 for every sample.',
  saturated_units: () => 'Many units are saturated: their gradient has all but vanished.',
  loss_rising: () => 'The loss was rising at the end.',
  loss_still_falling: () => 'The loss was still falling when the steps were spent: more steps may fit more.',
  few_samples_left: (d) => `Only ${d.count === undefined && d.samples === undefined ? 'a few' : integer(d.count ?? d.samples)} samples were not fit.`,
};

/** What a failed probe shows of why it failed: [text]. */
export const diagnosisOf = (probe) => (probe.diagnosis || []).map((item) => (diagnoses[item.code]
  ? diagnoses[item.code](item) : words(item.code)));

const reasons = {
  drifting: 'the point drifts: it looks flat, though it is no minimum',
  unverifiable: 'a minimum can’t be claimed for this procedure',
};

const verdicts = {
  reachable: 'a perfect fit is near by, which the optimizer didn’t reach',
  minimum: 'no more can be reached from there, it is a minimum of the loss',
  nonsmooth_minimum: 'no more can be reached from there, it is a minimum on a kink of the loss',
  unbounded: 'there is no minimum, the loss falls without end',
  undecided: 'no verdict',
};

const [firstOfRace, firstTested] = [2 ** 20, 2 ** 21];

/** What a probe is for: `measurement`, `race`, `verification` or `generalization`. Its kind is known once it has ended, its replicate before. */
export function purposeOf(probe) {
  if (probe.kind === 'verification' || probe.verdict) return 'verification';
  if (probe.kind === 'generalization' || probe.replicate >= firstTested) return 'generalization';
  return probe.replicate >= firstOfRace ? 'race' : 'measurement';
}

/** How one probe ended, in a sentence. */
export function endOf(probe) {
  if (probe.verdict) return `A second-order method looked at the failure: ${verdicts[probe.verdict] || words(probe.verdict)}${probe.reason ? ` (${words(probe.reason)})` : ''}.`;
  if (probe.outcome && purposeOf(probe) === 'generalization') {
    return `Trained to be tested: ${percent(probe.test_accuracy)} of ${integer(probe.test_samples)} test samples are right, and ${percent(probe.training_accuracy)} of its own.`;
  }
  switch (probe.outcome) {
    case 'fit': return `Fit all ${integer(probe.samples)} samples after ${integer(probe.steps)} steps.`;
    case 'minimum': return `Ended at a verified minimum, ${percent(probe.training_accuracy, 4)} of the samples fit.`;
    case 'saddle': return `Ended at a saddle, ${percent(probe.training_accuracy, 4)} of the samples fit.`;
    case 'budget': return `Spent its ${integer(probe.steps)} steps with ${percent(probe.training_accuracy, 4)} of the samples fit${probe.reason ? `: ${reasons[probe.reason] || words(probe.reason)}` : ''}.`;
    case 'diverged': return `Diverged${probe.reason ? `: ${words(probe.reason)}` : ''}.`;
    default: return { queued: 'Waits for a worker.', failed: 'Could not be trained.', finished: 'Has ended.' }[probe.state] || 'Under way.';
  }
}

/** What is known of the failures of a result: [text]. */
export function failuresOf(failures) {
  if (!failures || !failures.count) return ['No probe failed.'];
  const kinds = [
    ['reachable', 'had a perfect fit near by that a second-order method found: the optimizer is the limit'],
    ['minimum', 'ended at a verified minimum: the landscape is the limit'],
    ['nonsmooth_minimum', 'ended at a minimum on a kink of the loss'],
    ['unbounded', 'have no minimum: the loss falls without end'],
    ['undecided', 'were looked at, without a verdict'],
    ['unverified', 'were not looked at further: training.finish or search.verification would tell'],
  ];
  return [`${integer(failures.count)} ${failures.count === 1 ? 'probe' : 'probes'} failed.`,
    ...kinds.filter(([name]) => failures[name]).map(([name, text]) => `${integer(failures[name])} ${text}.`)];
}

/** Whether a reading has settled, in a sentence. */
export function settlement(budget) {
  if (!budget) return null;
  const growth = budget.growth_per_doubling;
  if (budget.settled) return `It has settled: twice the steps would raise it by at most ${percent(growth?.interval?.upper)}.`;
  return growth ? `It has not settled: twice the steps would raise it by about ${percent(growth.value)}.` : 'It has not settled.';
}

const valueOf = (value) => (value !== null && typeof value === 'object' && !Array.isArray(value)
  ? Object.entries(value).map(([name, inner]) => (name === 'kind' ? inner : `${words(name)} ${valueOf(inner)}`)).join(' ')
  : typeof value === 'number' ? number(value) : typeof value === 'string' ? words(value) : JSON.stringify(value));

/** A candidate of a race by the values that stand in place of the specification's: `learning rate 0.01, weight decay 0`. */
export function candidateOf(values) {
  const names = Object.entries(values || {}).map(([pointer, value]) => {
    const places = pointer.split('/').slice(1);
    // A kind or a place in a list says nothing by itself.
    return `${places.slice(/^(kind|\d+)$/.test(places.at(-1)) ? -2 : -1).map(words).join(' ')} ${valueOf(value)}`;
  });
  return names.join(', ') || 'the specification as it stands';
}

/** How the race among a job's candidates stands, or ended, in a sentence; null where there is none. */
export function raceOf(job) {
  const ended = job.result?.tuning;
  if (ended) {
    const [name, runs] = [candidateOf(ended.winner.values), integer(ended.cost.probes)];
    if (!ended.finished) return `Race: not over after ${runs} runs; ${name} led.`;
    if (ended.candidates.length === 1) return `Race: ${name} is the only candidate.`;
    return `Race: ${name} won among ${integer(ended.candidates.length)} candidates in ${runs} runs; the chance that none of the others fits over ${percent(ended.tolerance)} more is ${percent(ended.confidence)}.`;
  }
  const now = job.progress?.tuning;
  if (!now) return null;
  const isLive = ['queued', 'running', 'paused'].includes(job.state);
  const [name, runs] = [candidateOf(now.leader), job.progress.probes_finished ?? 0];
  if (now.finished) return `Race: ${name} won among ${integer(now.candidates)} candidates${isLive ? ', and is measured anew' : ''}.`;
  if (!runs) return `Race: ${integer(now.candidates)} candidates; no run has ended yet.`;
  return `Race: ${integer(now.left)} of ${integer(now.candidates)} candidates ${isLive ? 'left' : 'were left'}, ${name} ${isLive ? 'leads' : 'led'}; ${integer(runs)} ${runs === 1 ? 'run' : 'runs'}.`;
}
