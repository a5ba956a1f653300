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
