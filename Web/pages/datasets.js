// Data sets: the catalogue and one's own; a file is uploaded with its progress.
import { all, upload } from '../api.js';
import { acting, badge, choice, empty, failure, field, fill, h, heading, progressBar, section, table, toast } from '../components.js';
import { bytes, integer, words } from '../format.js';

/** The options of each kind of file, with what they are when nothing is said. */
const options = {
  csv: [['class_column', 'Class column', 'the last (−1); a name or a position from 0'], ['test_fraction', 'Share held out as test split', '0'],
    ['delimiter', 'Delimiter', 'inferred'], ['missing', 'Missing numbers become', ['mean', 'mean_with_indicator', 'median', 'drop_row', 'refuse']]],
  npy: [['class_column', 'Class column', 'the last (−1)']],
  npz: [['inputs', 'Array of inputs', 'inferred'], ['labels', 'Array of labels', 'inferred'], ['channel_order', 'Channels stand', ['', 'first', 'last']]],
  images: [['height', 'Height in pixels', '32', true], ['width', 'Width in pixels', '32', true], ['channels', 'Channels', ['3', '1']], ['fit', 'Other shapes are', ['stretch', 'crop']]],
};

const formatOf = (name) => (/\.(csv|tsv|txt|data|csv\.\w+)$/i.test(name) ? 'csv' : /\.npy$/i.test(name) ? 'npy' : /\.npz$/i.test(name) ? 'npz'
  : /\.(tar|zip|tgz|tar\.\w+)$/i.test(name) ? 'images' : 'csv');

export async function show(root, { signal }) {
  const list = h('div', { class: 'stack' });
  const adding = h('div');
  fill(root, heading('Data sets', { note: 'What measurements can draw samples from.' }), adding, list);
  drawForm();

  async function load() {
    const { items } = await all('/v1/datasets', {}, { signal });
    const own = items.filter((item) => item.kind === 'added');
    const rest = items.filter((item) => item.kind !== 'added');
    const columns = [
      { title: 'Name', class: 'name-cell', cell: (item) => h('a', { href: `#/dataset/${encodeURIComponent(item.name)}` }, item.name) },
      { title: 'Kind', cell: (item) => words(item.kind) },
      { title: 'Shape', cell: (item) => item.shape?.join(' × ') ?? '–' },
      { title: 'Classes', number: true, cell: (item) => integer(item.classes) },
      { title: 'Training samples', number: true, cell: (item) => integer(item.training_samples) },
      { title: 'Test samples', number: true, cell: (item) => integer(item.test_samples) },
      { title: 'Here', cell: (item) => (item.cached === null ? h('span', { class: 'note' }, 'made when asked for') : item.cached ? badge('ok') : h('span', { class: 'note' }, 'fetched when first used')) },
      { title: 'Size', number: true, cell: (item) => bytes(item.bytes) },
      { title: 'Actions', cell: (item) => (item.kind === 'files' ? '' : h('a', { class: 'button small', href: `#/new?dataset=${encodeURIComponent(item.name)}`, 'aria-label': `New job on ${item.name}` }, 'Measure')) },
    ];
    fill(list,
      h('section', { class: 'card flush rows-as-cards', 'aria-label': 'Your data sets' }, h('div', { class: 'selection' }, h('strong', {}, 'Yours')),
        own.length ? table(columns, own, { caption: 'Data sets that were added' }) : empty('None of your own yet', 'A CSV, NumPy arrays or a tar of images becomes a data set that measurements can name.')),
      h('section', { class: 'card flush rows-as-cards', 'aria-label': 'The catalogue' }, h('div', { class: 'selection' }, h('strong', {}, 'The catalogue')),
        table(columns, rest, { caption: 'The catalogue' })));
  }

  function drawForm() {
    const file = h('input', { type: 'file', required: true });
    const name = h('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,63}', autocomplete: 'off', spellcheck: 'false' });
    const format = choice(Object.keys(options).map((key) => [key, { csv: 'Table (CSV and the like)', npy: 'NumPy array (.npy)', npz: 'NumPy arrays (.npz)', images: 'Images (tar or zip of class folders)' }[key]]), 'csv', { onchange: () => drawOptions() });
    const inside = h('div', { class: 'fields' });
    const place = h('div', { class: 'stack', 'aria-live': 'polite' });
    let controls = {};
    let stop = null;
    const drawOptions = () => {
      controls = {};
      fill(inside, options[format.value].map(([key, label, usual, required]) => {
        controls[key] = Array.isArray(usual) ? choice(usual.map((value) => [value, words(value) || 'inferred']), usual[0])
          : h('input', { type: 'text', placeholder: usual, required, value: required ? usual : '', autocomplete: 'off' });
        return field(label, controls[key], { id: `option-${key}` });
      }));
    };
    file.addEventListener('change', () => {
      const chosen = file.files[0];
      if (!chosen) return;
      format.value = formatOf(chosen.name);
      drawOptions();
      if (!name.value) name.value = chosen.name.toLowerCase().replace(/\.(tar\.\w+|csv\.\w+|\w+)$/, '').replaceAll(/[^a-z0-9_-]+/g, '-').replace(/^[^a-z0-9]+/, '').slice(0, 64);
    });
    const send = async (isDryRun) => {
      if (!form.reportValidity()) return;
      const body = new FormData();
      body.append('name', name.value);
      body.append('format', format.value);
      for (const [key, control] of Object.entries(controls)) if (control.value !== '' && !(control.tagName === 'SELECT' && control.selectedIndex === 0)) body.append(key, control.value);
      if (isDryRun) body.append('dry_run', 'true');
      // Options go before the file: it is received as it comes.
      body.append('file', file.files[0]);
      const bar = progressBar('Upload', 0);
      const text = h('p', { class: 'note' }, 'Sending …');
      stop = new AbortController();
      signal.addEventListener('abort', () => stop?.abort());
      fill(place, bar, h('div', { class: 'actions' }, text, h('button', { type: 'button', class: 'small', onclick: () => stop.abort() }, 'Stop')));
      try {
        const { data } = await upload('/v1/datasets', body, (part) => {
          bar.value = part;
          text.textContent = part < 1 ? `${Math.round(part * 100)} % of ${bytes(file.files[0].size)} sent` : 'Reading what it holds …';
        }, stop.signal);
        fill(place, understood(data, isDryRun));
        if (!isDryRun) {
          toast(`${data.name} is there.`);
          await load();
        }
      } catch (error) {
        fill(place, error.name === 'AbortError' ? h('p', { class: 'note' }, 'The upload was stopped; nothing was kept.') : failure(error));
      }
    };
    const form = h('form', { class: 'stack', onsubmit: (event) => event.preventDefault() },
      field('File', file, { id: 'upload-file', note: 'A table with a class column, .npy or .npz, or an archive of images <split>/<class>/<file>.' }),
      h('div', { class: 'fields' }, field('Name', name, { id: 'upload-name', note: '1 to 64 of a–z, 0–9, _ and -' }), field('What it is', format, { id: 'upload-format' })), inside, place,
      h('div', { class: 'actions end' }, h('button', { type: 'button', onclick: acting(() => send(true)) }, 'Look at it first'),
        h('button', { type: 'button', class: 'primary', onclick: acting(() => send(false)) }, 'Add the data set')));
    drawOptions();
    fill(adding, section('Add a data set', { id: 'add' }, form));
  }

  await load();
}

/** What the server understood of a file, and what its owner should know. */
export function understood(data, isDryRun) {
  return h('div', { class: `notice ${data.warnings?.length ? 'warn' : 'good'}` },
    h('p', {}, h('strong', {}, isDryRun ? 'This is how it would be read: ' : `${data.name} was added: `),
      `${integer(data.training_samples)} training and ${integer(data.test_samples)} test samples, ${data.shape?.join(' × ')} ${data.shape?.length === 1 ? 'inputs' : 'pixels'}, ${integer(data.classes)} classes. `,
      !isDryRun && h('a', { href: `#/dataset/${encodeURIComponent(data.name)}` }, 'Look at it')),
    data.warnings?.length > 0 && h('ul', {}, data.warnings.map((warning) => h('li', {}, h('strong', {}, `${words(warning.kind)}: `), warning.detail))));
}
