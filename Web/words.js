// What a result says, in words.
import { integer, number, percent, words } from './format.js';

const diagnoses = {
  conflicting_duplicates: (d) => `${integer(d.count ?? d.samples ?? d.groups?.length)} samples are the same as others with another label: no network can fit them all.`,
  at_chance: (d) => `The accuracy, ${percent(d.training_accuracy)}, is that of guessing (${percent(d.chance)}).`,
  rate_too_high: (d) => `The rate ${number(d.learning_rate)} is too high: it keeps the loss from going further down.`,
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

/** How one probe ended, in a sentence. */
export function endOf(probe) {
  switch (probe.outcome) {
    case 'fit': return `Fit all ${integer(probe.samples)} samples after ${integer(probe.steps)} steps.`;
    case 'minimum': return `Ended at a verified minimum, ${percent(probe.training_accuracy, 4)} of the samples fit.`;
    case 'saddle': return `Ended at a saddle, ${percent(probe.training_accuracy, 4)} of the samples fit.`;
    case 'budget': return `Spent its ${integer(probe.steps)} steps with ${percent(probe.training_accuracy, 4)} of the samples fit${probe.reason ? `: ${reasons[probe.reason] || words(probe.reason)}` : ''}.`;
    case 'diverged': return `Diverged${probe.reason ? `: ${words(probe.reason)}` : ''}.`;
    default: return probe.state === 'queued' ? 'Waits for a worker.' : probe.state === 'failed' ? 'Could not be trained.' : 'Under way.';
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
