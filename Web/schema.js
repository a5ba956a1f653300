// The schemas of a specification: what is allowed, what is the default. From the catalogue's routes where the server has
// them, and from the description of the API for the rest.
import { get, getIfThere } from './api.js';
import { h } from './components.js';

let contract = null;

const yaml = () => new Promise((resolve, reject) => {
  if (window.jsyaml) return resolve(window.jsyaml);
  document.head.append(h('script', { src: '/web/vendor/js-yaml.min.js', onload: () => resolve(window.jsyaml), onerror: reject }));
});

/** The description of the API, as an object. */
export function loadContract() {
  contract ??= Promise.all([yaml(), get('/openapi.yaml')]).then(([parser, text]) => parser.load(text));
  contract.catch(() => { contract = null; });
  return contract;
}

/** A schema with its reference followed; siblings of `$ref` go before what it names. */
export function resolved(schema, document) {
  let depth = 0;
  while (schema?.$ref && depth < 20) {
    const { $ref, ...own } = schema;
    const target = $ref.slice(2).split('/').reduce((value, key) => value?.[key], document);
    schema = { ...target, ...own };
    depth += 1;
  }
  return schema || {};
}

let loaded = null;

/** { document, specification, models, optimizers, searches }: the last three as { kind: { description, schema } }, or null. */
export function loadSchemas() {
  loaded ??= (async () => {
    const [document, ...lists] = await Promise.all([loadContract(),
      ...['models', 'optimizers', 'searches'].map((name) => getIfThere(`/v1/${name}`))]);
    const [models, optimizers, searches] = lists.map((list) => (list?.items
      ? Object.fromEntries(list.items.map((item) => [item.kind, item])) : null));
    return { document, specification: resolved({ $ref: '#/components/schemas/Specification' }, document), models, optimizers, searches };
  })();
  loaded.catch(() => { loaded = null; });
  return loaded;
}

/** The names that a schema's discriminator may have: [[name, branch]]. */
export function branches(schema, key, document) {
  const list = [];
  for (const option of schema.oneOf || schema.anyOf || []) {
    const branch = resolved(option, document);
    const names = branch.properties?.[key];
    if (!names) continue;
    const values = names.const !== undefined ? [names.const] : names.enum || (names.default !== undefined ? [names.default] : []);
    for (const value of values) list.push([value, branch]);
  }
  return list;
}

/** What a value of a specification has where nothing is said: { known, value }. */
function usual(schema) {
  return schema && 'default' in schema ? { known: true, value: schema.default }
    : schema && 'const' in schema ? { known: true, value: schema.const } : { known: false };
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * What of a specification differs from the defaults: [{ path: ['training', 'max_steps'], value, usual }] where `usual` is
 * undefined when there is none. Objects are gone through member by member.
 */
export function differences(specification, schemas) {
  const found = [];
  const own = {
    model: (value) => schemas.models?.[value.kind]?.schema,
    optimizer: (value) => schemas.optimizers?.[value.kind]?.schema,
    search: (value) => schemas.searches?.[value.strategy]?.schema,
  };
  const visit = (value, schema, path) => {
    const name = path.at(-1);
    const catalogued = value && typeof value === 'object' ? own[name]?.(value) : null;
    schema = catalogued || resolved(schema, schemas.document);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      const key = ['kind', 'name', 'strategy'].find((candidate) => candidate in value);
      const branch = key && branches(schema, key, schemas.document).find(([option]) => option === value[key])?.[1];
      const properties = (branch || schema).properties || {};
      for (const [member, inner] of Object.entries(value)) visit(inner, properties[member] && resolved(properties[member], schemas.document), [...path, member]);
      return;
    }
    if (value === null) return;
    const expected = usual(schema);
    const required = ['dataset.name', 'model.kind'].includes(path.join('.'));
    if (path[0] === 'name' || (!required && expected.known && same(expected.value, value))) return;
    // What belongs to a kind and has no default that is told stands with it.
    found.push({ path, value, usual: expected.known && !required ? expected.value : undefined });
  };
  for (const [member, value] of Object.entries(specification)) {
    visit(value, schemas.specification.properties?.[member], [member]);
  }
  // original labels, constant schedules and so on: the first of several kinds is the usual one.
  const ordinary = { 'classes.kind': 'original', 'labels.kind': 'original', 'search.strategy': 'adaptive', 'training.optimizer.kind': 'sgd' };
  return found.filter((item) => ordinary[item.path.join('.')] !== item.value);
}
