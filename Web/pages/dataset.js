// Data set: what was inferred of it, its first samples, its classes.
import { address, get, Problem, remove } from '../api.js';
import { acting, choice, confirmation, empty, failure, field, figure, figures, fill, h, heading, progressBar, section, table, toast } from '../components.js';
import { bytes, integer, moment, number, words } from '../format.js';

export async function show(root, { argument: name, signal }) {
  const path = `/v1/datasets/${encodeURIComponent(name)}`;
  let data;
  try {
    data = await get(path, { signal });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      return fill(root, heading('Data set'), h('div', { class: 'card' }, empty('There is no such data set', `None is called ${name}.`, h('a', { class: 'button', href: '#/datasets' }, 'To the data sets'))));
    }
    throw error;
  }
  document.title = `${data.name} · emc`;
  const preview = h('div', { class: 'stack' });
  const classes = h('div', { class: 'stack' });
  const split = choice([['train', 'Training split'], ['test', 'Test split']], 'train', { onchange: () => load() });
  const inferred = data.inferred;
  const simple = inferred ? Object.entries(inferred).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)) : [];
  fill(root, heading(data.name, {
    note: data.kind === 'added' ? `Added ${moment(data.created_at)}` : data.source,
    actions: [h('a', { class: 'button primary', href: `#/new?dataset=${encodeURIComponent(data.name)}` }, 'Measure on it'),
      data.kind === 'added' && h('button', {
        type: 'button', class: 'danger', onclick: acting(async () => {
          if (!await confirmation(`Remove ${data.name}?`, 'Results measured on it stay; new jobs can’t name it any more.', 'Remove it')) return;
          await remove(path);
          toast('Removed.');
          location.hash = '#/datasets';
        }),
      }, 'Remove')],
  }),
  figures(figure('Training samples', integer(data.training_samples)), figure('Test samples', integer(data.test_samples)), figure('Classes', integer(data.classes)),
    figure('Shape', data.shape?.join(' × ') ?? 'by options', data.shape?.length === 3 ? 'height, width, channels' : data.shape ? 'inputs' : null), data.bytes ? figure('On disk', bytes(data.bytes)) : null),
  data.warnings?.length > 0 && h('div', { class: 'notice warn' }, h('p', {}, h('strong', {}, 'Before a measurement on it is believed')), h('ul', {}, data.warnings.map((warning) => h('li', {}, h('strong', {}, `${words(warning.kind)}: `), warning.detail)))),
  h('div', { class: 'grid' },
    section('First samples', { id: 'samples', wide: true, actions: field('Split', split, { id: 'split' }) }, preview),
    section('Classes', { id: 'classes' }, classes),
    section('About it', { id: 'about' }, h('dl', { class: 'facts' },
      simple.map(([key, value]) => [h('dt', {}, words(key)), h('dd', {}, String(value))]),
      h('dt', {}, 'licence'), h('dd', {}, data.licence), h('dt', {}, 'source'), h('dd', {}, data.source),
      data.digest && [h('dt', {}, 'digest'), h('dd', {}, h('code', {}, data.digest))])),
    inferred?.columns && section('Columns', { id: 'columns', wide: true }, table([
      { title: 'Name', cell: (column) => column.name }, { title: 'Read as', cell: (column) => words(column.type) },
      { title: 'Missing', number: true, cell: (column) => integer(column.missing) }, { title: 'Distinct', number: true, cell: (column) => integer(column.distinct) },
      { title: 'Inputs', number: true, cell: (column) => integer(column.width) }], inferred.columns.slice(0, 50), { caption: 'Columns' }),
    inferred.columns.length > 50 && h('p', { class: 'note' }, `The first 50 of ${integer(inferred.columns.length)}.`))));

  async function load() {
    try {
      const view = await get(address(`${path}/preview`, { rows: 24, split: split.value }), { signal });
      const images = view.rows.length > 0 && view.rows[0].png !== null;
      const shown = (view.columns || Array.from({ length: view.shape[0] }, (_, index) => `${index}`)).slice(0, 12);
      fill(preview, !view.rows.length ? h('p', { class: 'note' }, 'This split has no samples.') : images
        ? h('ul', { class: 'samples' }, view.rows.map((row) => h('li', {}, h('figure', {}, h('img', { src: `data:image/png;base64,${row.png}`, alt: `Sample ${row.index}, class ${row.class}`, width: '84', height: '84' }), h('figcaption', {}, row.class)))))
        : table([{ title: '#', number: true, cell: (row) => row.index }, { title: 'Class', cell: (row) => row.class }, ...shown.map((column, index) => ({ title: column, number: true, cell: (row) => number(row.inputs[index], 4) }))], view.rows.slice(0, 12), { caption: 'The first samples' }),
      !images && view.shape[0] > shown.length && h('p', { class: 'note' }, `The first ${shown.length} of ${integer(view.shape[0])} inputs.`));
      const counts = view.classes.map((item) => ({ name: item.name, count: split.value === 'train' ? item.training_samples : item.test_samples }));
      const largest = Math.max(1, ...counts.map((item) => item.count));
      fill(classes, counts.slice(0, 50).map((item) => h('div', { class: 'meter' }, h('span', {}, item.name), progressBar(`Samples of ${item.name}`, item.count / largest), h('span', { class: 'number' }, integer(item.count)))),
        counts.length > 50 && h('p', { class: 'note' }, `The first 50 of ${integer(counts.length)} classes.`));
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      const why = data.kind === 'generated' ? 'It is made anew for each job, as its options say: there is nothing to show without them.'
        : data.cached === false ? 'It isn’t on this machine yet: the first job that names it fetches it.' : null;
      fill(preview, why ? h('p', { class: 'note' }, why) : failure(error));
      fill(classes, h('p', { class: 'note' }, 'Counts come with the samples.'));
    }
  }
  await load();
}
