// Studies: the list, and presets to start one from.
import { address, getIfThere, post } from '../api.js';
import { acting, badge, choice, empty, failure, field, fill, h, heading, lacking, progressBar, table, throttled, toast } from '../components.js';
import { ago, integer, words } from '../format.js';
import { follow } from '../live.js';

/** What presets ask, for servers that have no list of them. */
const questions = {
  parameters_vs_capacity: 'How does the EMC grow with the number of parameters, for each architecture and kind of label?',
  architectures: 'Which architecture is the most parameter-efficient, matched on parameters and tuned?',
  sgd_vs_full_batch: 'Does SGD find minima that fit more samples than full-batch descent does?',
  labels_and_generalization: 'Does the gap between own and random labels predict generalisation?',
  activations: 'Which activation lets a network fit the most samples?',
  reparameterization: 'Do random subspaces and low precision raise the parameter efficiency?',
  optimizers: 'Which optimizer fits the most samples at equal cost?',
  regularizers: 'What do regularizers cost in capacity?',
  classes: 'How does the EMC depend on the number of classes?',
  scaling_rules: 'Which rule of scaling buys the most capacity?',
  inputs: 'What do the inputs’ own structure and noise change?',
  tabular: 'What do networks fit on tables?',
  label_noise: 'How does the EMC fall as labels become noise?',
  batch_remainder: 'What does a small last batch do to a measurement?',
  budget: 'Whether, and where, does a reading settle?',
};

/** How much of a study is done, 0 to 1; undefined where that isn't told. */
export function doneOf(study) {
  if (study.state === 'succeeded') return 1;
  const progress = study.progress || {};
  return typeof progress.cells_ended === 'number' && progress.cells > 0 ? progress.cells_ended / progress.cells : undefined;
}

export async function show(root, { signal }) {
  const list = h('div', { class: 'card flush rows-as-cards' });
  const begin = h('div');
  fill(root, heading('Studies', { note: 'Many measurements that vary one or more fields, with the comparison between them.' }), begin, list);
  const path = '/v1/studies';

  async function load() {
    const page = await getIfThere(address(path, { limit: 50 }), { signal });
    if (signal.aborted) return;
    if (!page) return fill(list, lacking('It has no studies; on a command line “emc study” runs one without a server.'));
    fill(list, page.items.length ? table([
      { title: 'Name', class: 'name-cell', cell: (study) => h('a', { href: `#/study/${study.id}` }, study.name || words(study.preset || 'Study')) },
      { title: 'State', cell: (study) => badge(study.state) },
      { title: 'Progress', cell: (study) => h('div', { class: 'progress-cell' }, progressBar('Progress of the study', doneOf(study))) },
      { title: 'Preset', cell: (study) => (study.preset ? `${words(study.preset)}${study.scale ? `, ${study.scale}` : ''}` : '–') },
      { title: 'Cells', number: true, cell: (study) => integer(study.progress?.cells) },
      { title: 'Ended', number: true, cell: (study) => integer(study.progress?.cells_ended) },
      { title: 'Created', number: true, cell: (study) => ago(study.created_at) },
    ], page.items, { caption: 'Studies, newest first' }) : empty('No studies yet', 'A preset is one request with a verdict that can be printed.'));
  }

  async function drawPresets() {
    const told = await getIfThere('/v1/presets', { signal }).catch(() => null);
    const presets = told?.items?.length ? told.items.map((item) => [item.name, item.question]) : Object.entries(questions);
    const place = h('div', { 'aria-live': 'polite' });
    const scale = choice([['quick', 'quick: at most 10 minutes on two cores'], ['standard', 'standard: hours'], ['paper', 'paper: days, on many workers']], 'quick');
    const seed = h('input', { type: 'number', min: '0', value: '1' });
    fill(begin, h('details', { class: 'card' }, h('summary', { class: 'strong' }, 'Start from a preset'),
      h('div', { class: 'stack' }, h('div', { class: 'filters' }, field('Scale', scale, { id: 'scale' }), field('Seed', seed, { id: 'study-seed' })), place,
        h('div', { class: 'presets' }, presets.map(([name, question]) => h('button', {
          type: 'button', class: 'preset', onclick: acting(async () => {
            try {
              const study = await post(path, { preset: name, scale: scale.value, seed: Number(seed.value) });
              toast('The study has begun.');
              location.hash = `#/study/${study.id}`;
            } catch (error) {
              fill(place, failure(error));
            }
          }),
        }, h('span', { class: 'strong' }, words(name)), h('span', { class: 'note' }, question)))))));
    begin.querySelector('details').open = !list.querySelector('tbody');
  }

  await load();
  if (list.querySelector('table') || !list.textContent.includes('doesn’t have')) await drawPresets();
  // Jobs of studies carry the study's id as a label.
  const reload = throttled(2000, () => load().catch(() => {}));
  follow('/v1/events', { signal, poll: load, every: 5000, on: { job: (job) => { if (job.labels?.study) reload(); } } });
}

