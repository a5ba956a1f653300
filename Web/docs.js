// The description of the API as a page to read: every route with its parameters, an example of each request and answer,
// and the schemas.
import { code, fill, h, failure } from './components.js';
import { loadContract, resolved } from './schema.js';

const main = document.getElementById('main');
const verbs = ['get', 'post', 'put', 'patch', 'delete'];
let contract;

/** Text with `code` in backquotes. */
const prose = (text) => (text || '').split('`').map((part, index) => (index % 2 ? h('code', {}, part) : part));

const nameOf = (schema) => schema?.$ref?.split('/').at(-1);

/** What a schema allows, in a few words, with links to schemas that have names. */
function typeOf(schema, depth = 0) {
  if (!schema) return ['any'];
  const name = nameOf(schema);
  if (name && schema.$ref.includes('/schemas/')) return [h('a', { href: `#schema-${name}` }, name)];
  schema = resolved(schema, contract);
  if ('const' in schema) return [h('code', {}, JSON.stringify(schema.const))];
  if (schema.enum) return join(schema.enum.map((value) => [h('code', {}, JSON.stringify(value))]), ' | ');
  if (schema.oneOf || schema.anyOf) {
    const options = (schema.oneOf || schema.anyOf).filter((option) => option.type !== 'null');
    const isNullable = options.length < (schema.oneOf || schema.anyOf).length;
    return [...(depth > 1 ? ['one of several'] : join(options.map((option) => typeOf(option, depth + 1)), ' | ')), isNullable ? ' or null' : ''];
  }
  const types = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : schema.properties ? ['object'] : ['any'];
  const own = types.filter((type) => type !== 'null').flatMap((type) => {
    if (type === 'array') return ['list of ', ...typeOf(schema.items, depth + 1)];
    if (type === 'string' && schema.format) return [`string (${schema.format})`];
    return [type];
  });
  return types.includes('null') ? [...own, ' or null'] : own;
}

const join = (parts, between) => parts.flatMap((part, index) => (index ? [between, ...part] : part));

function range(schema) {
  const parts = [];
  if (schema.minimum !== undefined) parts.push(`≥ ${schema.minimum}`);
  if (schema.exclusiveMinimum !== undefined) parts.push(`> ${schema.exclusiveMinimum}`);
  if (schema.maximum !== undefined) parts.push(`≤ ${schema.maximum}`);
  if (schema.exclusiveMaximum !== undefined) parts.push(`< ${schema.exclusiveMaximum}`);
  if (schema.minLength !== undefined) parts.push(`${schema.minLength} to ${schema.maxLength ?? '∞'} characters`);
  if (schema.minItems !== undefined || schema.maxItems !== undefined) parts.push(`${schema.minItems ?? 0} to ${schema.maxItems ?? '∞'} items`);
  if (schema.pattern) parts.push(`matches ${schema.pattern}`);
  if ('default' in schema) parts.push(`default ${JSON.stringify(schema.default)}`);
  return parts.join(', ');
}

/** A value of a schema: its example, else one made of defaults and first choices. */
function example(schema, depth = 0, key = '') {
  if (!schema || depth > 9) return null;
  const found = resolved(schema, contract);
  if ('example' in found) return found.example;
  if (found.examples?.length) return found.examples[0];
  if ('const' in found) return found.const;
  if ('default' in found) return found.default;
  if (found.enum) return found.enum.find((value) => value !== null) ?? null;
  if (found.oneOf || found.anyOf) return example((found.oneOf || found.anyOf).find((option) => option.type !== 'null'), depth + 1, key);
  const type = (Array.isArray(found.type) ? found.type : [found.type || (found.properties ? 'object' : undefined)]).find((one) => one !== 'null');
  if (type === 'object') {
    const names = Object.keys(found.properties || {});
    const shown = found.required?.length ? names.filter((name) => found.required.includes(name)) : names.slice(0, 3);
    return Object.fromEntries(shown.map((name) => [name, example(found.properties[name], depth + 1, name)]));
  }
  if (type === 'array') return found.items ? [example(found.items, depth + 1, key)] : [];
  if (type === 'integer' || type === 'number') return found.minimum ?? (found.exclusiveMinimum !== undefined ? (type === 'integer' ? found.exclusiveMinimum + 1 : 0.5) : 1);
  if (type === 'boolean') return false;
  if (found.format === 'uuid') return '01a2172e-5986-70f6-9ecc-cc9dbb3ec8ff';
  if (found.format === 'date-time') return '2026-11-26T09:27:23.274Z';
  if (found.format === 'uri') return 'https://example.org/';
  if (found.pattern?.includes('{64}')) return 'b95e0a274cc87ef44ddbe10cf912ed73e05d7ad2ec9307ee7dbdfbdcbeaa1cc5';
  return key || 'text';
}

/** The examples of a media type that are given, else one that is made: [[name, value]]. */
function examples(media) {
  if (media.example !== undefined) return [['Example', media.example]];
  const given = Object.entries(media.examples || {}).map(([name, item]) => {
    const found = resolved(item, contract);
    return [found.summary || name, found.value];
  });
  return given.length ? given : [['Example', example(media.schema)]];
}

const written = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function curlOf(verb, path, operation, body) {
  const where = path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'id' ? '01a2172e-5986-70f6-9ecc-cc9dbb3ec8ff' : name.toUpperCase()));
  const required = (operation.parameters || []).map((item) => resolved(item, contract)).filter((item) => item.in === 'query' && item.required);
  const query = required.map((item) => `${item.name}=${encodeURIComponent(example(item.schema, 0, item.name))}`).join('&');
  const parts = ['curl -sS'];
  if (verb !== 'get') parts.push(`-X ${verb.toUpperCase()}`);
  if (body) parts.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  parts.push(`'${location.origin}${where}${query ? `?${query}` : ''}'`);
  return parts.join(' ');
}

const table = (head, rows) => h('div', { class: 'table-wrap', tabindex: '0', role: 'group', 'aria-label': head[0] },
  h('table', {}, h('thead', {}, h('tr', {}, head.map((title) => h('th', { scope: 'col' }, title)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell) => h('td', {}, cell)))))));

function operationView(path, verb, operation, shared) {
  const parameters = [...shared, ...(operation.parameters || [])].map((item) => resolved(item, contract));
  const body = operation.requestBody && resolved(operation.requestBody, contract);
  const json = body?.content?.['application/json'];
  const firstBody = json && examples(json)[0][1];
  return h('section', { class: 'card operation', id: operation.operationId, 'aria-labelledby': `${operation.operationId}-title` },
    h('h2', { id: `${operation.operationId}-title` }, h('span', { class: `verb verb-${verb}` }, verb.toUpperCase()), ' ', h('code', {}, path)),
    h('p', { class: 'strong' }, prose(operation.summary)), operation.description && h('p', {}, prose(operation.description)),
    parameters.length > 0 && [h('h3', {}, 'Parameters'), table(['Parameter', 'In', 'Allowed', 'Meaning'], parameters.map((item) => [
      [h('code', {}, item.name), item.required ? h('span', { class: 'note' }, ' required') : null], item.in,
      [...typeOf(item.schema), h('span', { class: 'note' }, ` ${range(resolved(item.schema, contract))}`)], prose(item.description)]))],
    body && [h('h3', {}, 'Request'), Object.entries(body.content).map(([type, media]) => h('div', { class: 'stack' },
      h('p', { class: 'note' }, h('code', {}, type), ' · ', typeOf(media.schema), body.required ? ' · required' : ''),
      type.includes('json') ? examples(media).map(([name, value]) => h('details', { class: 'more' }, h('summary', {}, name), code(written(value)))) : null))],
    h('h3', {}, 'With curl'), code(curlOf(verb, path, operation, firstBody)),
    h('h3', {}, 'Answers'), h('ul', { class: 'plain-list answers' }, Object.entries(operation.responses).map(([status, given]) => {
      const answer = resolved(given, contract);
      const media = Object.entries(answer.content || {});
      const isProblem = media.some(([type]) => type.includes('problem'));
      return h('li', {}, h('span', { class: `status status-${status[0]}` }, status), ' ', prose(answer.description),
        Object.keys(answer.headers || {}).length > 0 && h('span', { class: 'note' }, ` Header: ${Object.keys(answer.headers).join(', ')}.`),
        media.filter(([type]) => !type.includes('html') && type !== '*/*').map(([type, content]) => h('details', { class: 'more' },
          h('summary', {}, isProblem ? 'Problem document' : `${type}`),
          content.schema && h('p', { class: 'note' }, typeOf(content.schema)),
          examples(content).map(([name, value]) => [name !== 'Example' && h('p', { class: 'note' }, name), code(written(value))]))));
    })));
}

function schemaView(name, schema) {
  const members = (properties, required = []) => table(['Member', 'Type', 'Meaning'], Object.entries(properties).map(([key, given]) => {
    const inner = resolved(given, contract);
    return [[h('code', {}, key), required.includes(key) ? h('span', { class: 'note' }, ' required') : null], typeOf(given),
      [prose(inner.description), h('span', { class: 'note' }, ` ${range(inner)}`)]];
  }));
  const branches = (schema.oneOf || schema.anyOf || []).map((option) => resolved(option, contract));
  return h('section', { class: 'card', id: `schema-${name}`, 'aria-labelledby': `schema-${name}-title` },
    h('h3', { id: `schema-${name}-title` }, name), schema.description && h('p', {}, prose(schema.description)),
    schema.properties ? members(schema.properties, schema.required) : null,
    branches.map((branch) => (branch.properties ? [h('p', { class: 'strong' }, 'One form: ', typeOf(branch.properties.kind || branch.properties.name || {})),
      branch.description && h('p', { class: 'note' }, prose(branch.description)), members(branch.properties, branch.required)] : h('p', {}, typeOf(branch)))),
    !schema.properties && !branches.length && h('p', {}, typeOf(schema), h('span', { class: 'note' }, ` ${range(schema)}`)));
}

/** Routes by what they are about: the word behind /v1. */
function groups() {
  const found = new Map();
  for (const [path, item] of Object.entries(contract.paths)) {
    const group = path.startsWith('/v1/') ? path.split('/')[2] : 'service';
    for (const verb of verbs) if (item[verb]) found.set(group, [...(found.get(group) || []), { path, verb, operation: item[verb], shared: item.parameters || [] }]);
  }
  return found;
}

try {
  contract = await loadContract();
  const grouped = groups();
  const search = h('input', {
    type: 'search', placeholder: 'Find a route', 'aria-label': 'Find a route', oninput: () => {
      const word = search.value.toLowerCase();
      for (const item of index.querySelectorAll('li[data-text]')) item.hidden = !item.dataset.text.includes(word);
    },
  });
  const index = h('nav', { class: 'index', 'aria-label': 'Routes' }, search, [...grouped].map(([name, operations]) => [
    h('p', { class: 'strong' }, name), h('ul', {}, operations.map(({ path, verb, operation }) => h('li', { data: { text: `${path} ${operation.summary}`.toLowerCase() } },
      h('a', { href: `#${operation.operationId}` }, h('span', { class: `verb verb-${verb}` }, verb.toUpperCase()), ' ', path.replace('/v1', '')))))]),
  h('p', { class: 'strong' }, 'Schemas'), h('ul', {}, Object.keys(contract.components.schemas).map((name) => h('li', { data: { text: name.toLowerCase() } }, h('a', { href: `#schema-${name}` }, name)))));
  fill(main, h('div', { class: 'page docs-page' }, index, h('div', { class: 'stack' },
    h('div', { class: 'heading' }, h('div', {}, h('h1', {}, `${contract.info.title} ${contract.info.version}: the API`), h('p', { class: 'note' }, contract.info.summary))),
    h('p', { class: 'summary' }, prose(contract.info.description)),
    [...grouped.values()].flat().map(({ path, verb, operation, shared }) => operationView(path, verb, operation, shared)),
    h('h2', {}, 'Schemas'), Object.entries(contract.components.schemas).map(([name, schema]) => schemaView(name, schema)))));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
} catch (error) {
  console.error(error);
  fill(main, h('div', { class: 'page' }, failure(error)));
}
