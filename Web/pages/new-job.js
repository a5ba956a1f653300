// New job: a form made from the schemas of the server, checked as one types, with what will be sent beside it.
import { address, all, curl, get, getIfThere, post, Problem, request } from '../api.js';
import { acting, choice, code, failure, field, fill, h, heading, section, throttled, toast } from '../components.js';
import { bytes, duration, integer, number, titleOf, words } from '../format.js';
import { formMaker } from '../form.js';
import { keepInAddress } from '../route.js';
import { loadSchemas, resolved } from '../schema.js';

const grouped = ['name', 'dataset', 'labels', 'classes', 'inputs', 'subset', 'test', 'model', 'training', 'search', 'seed'];
const usualTraining = ['optimizer', 'batch_size', 'max_steps'];

export async function show(root, { query, signal }) {
  fill(root, heading('New job', { note: 'Everything but data and model has a default.' }), h('p', { class: 'note' }, 'Loading what this server can do …'));
  const [schemas, datasets, examples, earlier] = await Promise.all([
    loadSchemas(), all('/v1/datasets', {}, { most: 1000, signal }), getIfThere('/web/examples.json', { signal }).catch(() => null),
    query.get('from') ? get(`/v1/jobs/${encodeURIComponent(query.get('from'))}`, { signal }) : null,
  ]);
  const essential = earlier && await get(`/v1/jobs/${earlier.id}/specification`, { signal });
  if (signal.aborted) return;
  let values = essential || { dataset: { name: query.get('dataset') || 'gaussian' }, model: { kind: 'mlp' } };
  if (!earlier && values.dataset.name === 'gaussian') values.dataset.dimensions = 50;
  // The name finds the data: a new job is about what it has now.
  delete values.dataset.digest;
  if (earlier && Object.keys(earlier.labels || {}).length && schemas.specification.properties.job) values.job = { labels: earlier.labels };
  if (earlier) values.name = `${titleOf(earlier)}, again`.slice(0, 200);
  let form;
  let hasDryRun = true;
  let attempt = 0;

  const formPlace = h('form', { class: 'stack', 'aria-label': 'Specification', onsubmit: (event) => { event.preventDefault(); submit.click(); } });
  const sent = h('div');
  const estimate = h('div', { class: 'stack', 'aria-live': 'polite' });
  const rest = h('div');
  const submit = h('button', { type: 'button', class: 'primary', onclick: acting(send) }, 'Submit the job');

  const start = choice([['', 'Nothing'], ...(examples || []).map((example, index) => [String(index), titleOf({ name: example.specification.name, specification: example.specification })])], '', {
    onchange: () => {
      if (start.value === '') return;
      values = structuredClone(examples[Number(start.value)].specification);
      build();
      changed();
    },
  });

  function build() {
    const { document, specification } = schemas;
    const properties = specification.properties;
    form = formMaker({
      document, values, changed,
      catalogue: (path) => ({ model: schemas.models, 'training.optimizer': schemas.optimizers, search: schemas.searches }[path.join('.')] || null),
    });
    const training = resolved(properties.training, document);
    const more = (title, ...parts) => h('details', { class: 'more' }, h('summary', {}, title), h('div', { class: 'stack' }, parts));
    const others = Object.keys(properties).filter((name) => !grouped.includes(name));
    const part = (name, options) => form.editor(properties[name], [name], options);
    fill(formPlace,
      section('Start', { id: 'start' }, h('div', { class: 'fields' },
        part('name', { label: 'Name' }),
        examples?.length ? field('Start from an example', start, { id: 'example', note: 'Replaces what stands here.' }) : null,
        earlier && h('div', { class: 'field' }, h('span', { class: 'strong' }, 'Made from'), h('a', { href: `#/job/${earlier.id}` }, titleOf(earlier))))),
      section('Data', { id: 'data' }, datasetEditor(properties.dataset), part('labels'),
        more('Classes, inputs, drawing and test samples', ['classes', 'inputs', 'subset', 'test'].filter((name) => properties[name]).map((name) => part(name)))),
      section('Model', { id: 'model' }, part('model', { label: 'Architecture', required: true })),
      section('Training', { id: 'training' },
        form.editor(training.properties.optimizer, ['training', 'optimizer']),
        h('div', { class: 'fields' }, ['batch_size', 'max_steps'].map((name) => form.editor(training.properties[name], ['training', name]))),
        more('Schedule, regularization, convergence and more', Object.keys(training.properties).filter((name) => !usualTraining.includes(name))
          .map((name) => form.editor(training.properties[name], ['training', name])))),
      section('Search', { id: 'search' }, part('search', { label: 'Strategy' }),
        h('div', { class: 'fields' }, part('seed'))),
      others.length > 0 && section('More', { id: 'more' }, others.map((name) => part(name))));
    for (const details of formPlace.querySelectorAll('details')) {
      // What was said must be seen.
      if ([...details.querySelectorAll('input, select')].some((control) => control.type !== 'checkbox' && control.tagName === 'INPUT' && control.value !== '')) details.open = true;
    }
  }

  /** The data sets that there are, with the options of each. */
  function datasetEditor(schema) {
    const names = datasets.items.filter((item) => item.kind !== 'files').map((item) => item.name);
    if (!names.includes(values.dataset?.name) && values.dataset?.name) names.push(values.dataset.name);
    const nested = h('fieldset', { class: 'nested' });
    const about = h('p', { class: 'note' });
    const branches = (resolved(schema, schemas.document).oneOf || []).map((option) => resolved(option, schemas.document));
    const select = choice(names, values.dataset?.name, {
      id: 'f/dataset', onchange: () => {
        values.dataset = { name: select.value };
        if (select.value === 'gaussian') values.dataset.dimensions = 50;
        inside();
        changed();
      },
    });
    form.leaves.set('/dataset', { control: select, schema: {}, path: ['dataset'] });
    form.leaves.set('/dataset/name', { control: select, schema: {}, path: ['dataset', 'name'] });
    function inside() {
      for (const name of [...form.leaves.keys()]) if (name.startsWith('/dataset/') && name !== '/dataset/name') form.leaves.delete(name);
      const item = datasets.items.find((one) => one.name === select.value);
      const branch = branches.find((option) => [option.properties?.name?.const, ...(option.properties?.name?.enum || [])].includes(select.value));
      const options = Object.entries(branch?.properties || {}).filter(([name]) => name !== 'name');
      nested.hidden = !options.length;
      fill(nested, h('legend', { class: 'hidden' }, 'Options of the data set'), h('div', { class: 'fields' }, options.map(([name, inner]) => form.editor(inner, ['dataset', name]))));
      fill(about, item ? [
        item.training_samples ? `${integer(item.training_samples)} training samples` : words(item.kind), item.shape ? `, ${item.shape.join('×')}` : '',
        item.classes ? `, ${item.classes} classes` : '', item.cached === false ? '. Not on this machine yet: the first job fetches it.' : '.'] : '');
    }
    inside();
    return h('div', { class: 'stack choice' }, field('Data set', select, { id: 'f/dataset' }), about, nested);
  }

  function document() { return JSON.parse(JSON.stringify(values)); }

  function changed() {
    const faults = form.check();
    const body = document();
    fill(sent,
      h('details', { class: 'more', open: sent.querySelector('details')?.open ?? true }, h('summary', {}, 'What will be sent'), code(JSON.stringify(body, null, 2), 'Copy JSON')),
      h('details', { class: 'more', open: sent.querySelectorAll('details')[1]?.open ?? false }, h('summary', {}, 'The same with curl'), code(curl('POST', '/v1/jobs', body), 'Copy curl')));
    submit.disabled = faults.length > 0;
    if (faults.length) {
      attempt += 1;
      fill(estimate, h('div', { class: 'notice warn' }, h('p', {}, `${faults.length} ${faults.length === 1 ? 'value can’t' : 'values can’t'} be as ${faults.length === 1 ? 'it is' : 'they are'}.`)));
      fill(rest);
    } else {
      tryOut();
    }
  }

  const tryOut = throttled(500, async () => {
    if (signal.aborted) return;
    attempt += 1;
    const mine = attempt;
    const body = document();
    try {
      const answer = hasDryRun ? await post(address('/v1/jobs', { dry_run: 'true' }), body, { signal }) : null;
      if (mine !== attempt || signal.aborted) return;
      form.check();
      fill(rest);
      submit.disabled = false;
      fill(estimate, answer ? costs(answer) : await described(body));
    } catch (error) {
      if (error.name === 'AbortError' || mine !== attempt) return;
      if (error instanceof Problem && error.type === 'parameter-not-allowed') {
        hasDryRun = false;
        return tryOut();
      }
      form.check();
      const others = form.showFaults(error.errors || []);
      submit.disabled = error.status === 422;
      fill(estimate, error.status === 422 ? h('div', { class: 'notice warn' }, h('p', {}, h('strong', {}, 'It can’t be run like that. '), error.errors?.length === 1 ? '' : `${error.errors.length} faults: `),
        h('ul', {}, error.errors.slice(0, 6).map((fault) => h('li', {}, h('code', {}, fault.pointer || ''), ` ${fault.detail || ''}`)))) : failure(error));
      fill(rest, others.length > 0 && failure({ title: 'Faults without a field', message: '', errors: others }));
    }
  });

  /** What a dry run says: its numbers with their names, whatever of them this server knows. */
  function costs(answer) {
    const lines = [];
    const cost = answer.estimate || answer.cost || answer;
    const add = (label, value) => { if (value !== undefined && value !== null && value !== '–') lines.push(h('dt', {}, label), h('dd', {}, value)); };
    const pick = (...names) => names.map((name) => cost[name] ?? answer[name]).find((value) => value !== undefined);
    const range = (value, write) => (value?.median !== undefined && value.p90 !== undefined ? `about ${write(value.median)}; 9 of 10 searches need at most ${write(value.p90)}` : value && typeof value === 'object' ? (value.lower !== undefined ? `${write(value.lower)} to ${write(value.upper)}` : write(value.expected ?? value.value)) : write(value));
    add('Parameters', range(pick('parameter_count', 'parameters'), integer));
    add('Probes', range(pick('probes', 'probe_count'), integer));
    add('Steps', range(pick('steps', 'total_steps'), integer));
    add('Time', range(pick('seconds', 'time', 'duration_seconds'), duration));
    add('Memory a probe', range(pick('memory', 'memory_bytes', 'bytes_per_probe', 'probe_memory'), bytes));
    add('Largest size', range(pick('largest_samples', 'sample_limit', 'maximum_samples'), integer));
    add('Operations', range(pick('flops', 'operations'), number));
    return [h('div', { class: 'notice good' }, h('p', {}, h('strong', {}, 'It can be run.'))), lines.length > 0 && h('dl', { class: 'facts' }, lines)];
  }

  async function described(body) {
    try {
      const { data } = await request('POST', '/v1/models/describe', { json: { dataset: body.dataset, model: body.model }, signal });
      return h('dl', { class: 'facts' }, h('dt', {}, 'Parameters'), h('dd', {}, integer(data.parameter_count ?? data.parameters)));
    } catch (error) {
      if (error instanceof Problem && error.isMissingRoute) return h('p', { class: 'note' }, 'No value is out of its range. What it costs this server can’t say beforehand.');
      throw error;
    }
  }

  async function send() {
    const faults = form.check();
    if (faults.length) {
      formPlace.querySelector('[aria-invalid="true"]')?.focus();
      return;
    }
    try {
      const job = await post('/v1/jobs', document(), { headers: { 'Idempotency-Key': crypto.randomUUID?.() || String(Math.random()) } });
      toast('The job is queued.');
      location.hash = `#/job/${job.id}`;
    } catch (error) {
      const others = form.showFaults(error.errors || []);
      fill(rest, failure({ title: error.title, message: error.message, errors: others.length ? others : error.errors?.slice(0, 5) }));
      formPlace.querySelector('[aria-invalid="true"]')?.focus();
    }
  }

  build();
  fill(root, heading(earlier ? 'New job from another' : 'New job', { note: 'Everything but data and model has a default.' }),
    h('div', { class: 'split' }, formPlace,
      h('div', { class: 'aside' }, section('Submit', { id: 'submit' }, estimate, rest, h('div', { class: 'actions' }, submit), sent))));
  changed();
  keepInAddress('new', query);
}
