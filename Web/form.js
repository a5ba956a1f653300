// A form made from a JSON Schema: what it holds is a sparse object, with only what was said.
import { choice, field, fill, h } from './components.js';
import { words } from './format.js';
import { branches, resolved } from './schema.js';

const discriminators = ['kind', 'name', 'strategy'];

/** The value at a path of nested objects; undefined where there is none. */
export const at = (values, path) => path.reduce((value, key) => (value === null || value === undefined ? undefined : value[key]), values);

/** Sets a value, or removes it with the objects that are empty without it. */
export function put(values, path, value) {
  const [key, ...rest] = path;
  if (rest.length) {
    if (values[key] === null || typeof values[key] !== 'object') values[key] = {};
    put(values[key], rest, value);
    if (!Object.keys(values[key]).length) delete values[key];
  } else if (value === undefined) {
    delete values[key];
  } else {
    values[key] = value;
  }
}

export const pointer = (path) => path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const typesOf = (schema) => (Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : []).filter((type) => type !== 'null');

/** What a leaf may be, in words. */
export function allowed(schema, document) {
  schema = resolved(schema, document);
  if (schema.enum) return schema.enum.filter((value) => value !== null).join(', ');
  if ('const' in schema) return String(schema.const);
  if (schema.oneOf || schema.anyOf) return (schema.oneOf || schema.anyOf).map((option) => allowed(option, document)).filter(Boolean).join(', or ');
  const [type] = typesOf(schema);
  if (type === 'array') return `${schema.items ? allowed(schema.items, document) || 'values' : 'values'}, separated by commas`;
  if (type === 'integer' || type === 'number') {
    const noun = type === 'integer' ? 'an integer' : 'a number';
    const low = schema.minimum ?? schema.exclusiveMinimum;
    const high = schema.maximum ?? schema.exclusiveMaximum;
    const from = low === undefined ? '' : schema.exclusiveMinimum !== undefined ? ` above ${low}` : ` from ${low}`;
    const to = high === undefined ? '' : schema.exclusiveMaximum !== undefined ? ` below ${high}` : ` to ${high}`;
    return `${noun}${from}${to}`;
  }
  return '';
}

/** What is wrong with a value, or null. */
export function faultOf(value, schema, document) {
  schema = resolved(schema, document);
  if (value === undefined) return null;
  if (schema.oneOf || schema.anyOf) {
    return (schema.oneOf || schema.anyOf).some((option) => faultOf(value, option, document) === null) ? null : `Allowed: ${allowed(schema, document)}.`;
  }
  const wrong = `Allowed: ${allowed(schema, document)}.`;
  if (schema.enum) return schema.enum.includes(value) ? null : wrong;
  if ('const' in schema) return schema.const === value ? null : wrong;
  const types = typesOf(schema);
  const fits = types.length === 0 || types.some((type) => ({
    integer: Number.isInteger(value), number: typeof value === 'number' && Number.isFinite(value), string: typeof value === 'string',
    boolean: typeof value === 'boolean', array: Array.isArray(value), object: value !== null && typeof value === 'object' && !Array.isArray(value),
  }[type]));
  if (!fits) return wrong;
  if (typeof value === 'number') {
    const isOut = value < schema.minimum || value > schema.maximum || value <= schema.exclusiveMinimum || value >= schema.exclusiveMaximum;
    return isOut ? wrong : null;
  }
  if (typeof value === 'string') {
    if (schema.minLength > value.length || schema.maxLength < value.length) return `Allowed: ${schema.minLength ?? 0} to ${schema.maxLength} characters.`;
    return schema.pattern && !new RegExp(schema.pattern, 'u').test(value) ? `Allowed: what matches ${schema.pattern}` : null;
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity)) return `Allowed: ${schema.minItems ?? 0} to ${schema.maxItems ?? 'any number of'} values.`;
    for (const item of value) {
      const fault = schema.items ? faultOf(item, schema.items, document) : null;
      if (fault) return fault;
    }
  }
  return null;
}

/** Reads what was typed; text that is none of what the schema knows stays text, whose fault is told. */
function read(text, schema, document) {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const options = schema.oneOf || schema.anyOf;
  const kinds = options ? options.flatMap((option) => typesOf(resolved(option, document))) : typesOf(schema);
  const numeric = (part) => (part !== '' && Number.isFinite(Number(part)) ? Number(part) : part);
  if (/^[[{]/.test(trimmed)) {
    try { return JSON.parse(trimmed); } catch { return trimmed; }
  }
  if (kinds.includes('array') && (kinds.length === 1 || /[,\s]/.test(trimmed))) return trimmed.split(/[,\s]+/).filter(Boolean).map(numeric);
  if (kinds.includes('integer') || kinds.includes('number')) return numeric(trimmed);
  return trimmed;
}

const written = (value) => (value === undefined ? '' : Array.isArray(value) && value.every((item) => typeof item !== 'object') ? value.join(', ')
  : value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value));

/**
 * Makes the form's parts. `values` is the object that it fills; `changed()` is called after each change;
 * `catalogue(path)` may give the schemas of kinds as { kind: { description, schema } }.
 */
export function formMaker({ document, values, changed, catalogue = () => null }) {
  const leaves = new Map();

  /** A discriminated choice: { key, options: [[name, schema, description]] }, or null. */
  function choiceOf(schema, path) {
    const listed = catalogue(path);
    for (const key of discriminators) {
      if (listed) {
        const flat = schema.properties?.[key]?.enum;
        const inside = flat ? key : branches(schema, key, document).length ? key : null;
        if (!inside) continue;
        return { key, options: Object.values(listed).map((item) => [item.kind, item.schema, item.description]) };
      }
      const found = branches(schema, key, document);
      if (found.length > 1) return { key, options: found };
      const names = schema.properties?.[key] && resolved(schema.properties[key], document).enum;
      if (names && key !== 'name') return { key, options: names.map((name) => [name, schema]), isFlat: true };
    }
    return null;
  }

  const note = (schema) => {
    const text = [schema.description, allowed(schema, document)].filter(Boolean).join(' · ');
    return text.length > 170 ? `${text.slice(0, 168)}…` : text;
  };

  function leaf(schema, path, label) {
    const value = at(values, path);
    const usual = schema.default;
    let control;
    const set = (fresh) => {
      put(values, path, fresh);
      check(path);
      changed();
    };
    if (typesOf(schema)[0] === 'boolean') {
      control = h('input', { type: 'checkbox', checked: value ?? usual ?? false, onchange: () => set(control.checked === (usual ?? false) ? undefined : control.checked) });
      const made = field(label, control, { note: schema.description, id: `f${pointer(path)}` });
      made.classList.add('inline');
      made.insertBefore(control, made.firstChild);
      leaves.set(pointer(path), { control, schema, path });
      return made;
    }
    if (schema.enum) {
      control = choice([['', usual !== undefined ? `${words(usual)} (usual)` : '–'], ...schema.enum.filter((name) => name !== null && name !== usual).map((name) => [String(name), words(name)])],
        value === undefined || value === usual ? '' : String(value),
        { onchange: () => set(control.value === '' ? undefined : schema.enum.find((name) => String(name) === control.value)) });
    } else {
      const isNumeric = typesOf(schema).some((type) => type === 'integer' || type === 'number');
      control = h('input', {
        type: 'text', inputmode: isNumeric ? 'decimal' : null, autocomplete: 'off', spellcheck: 'false', value: written(value),
        placeholder: usual === undefined || usual === null ? '' : written(usual), oninput: () => set(read(control.value, schema, document)),
      });
    }
    leaves.set(pointer(path), { control, schema, path });
    return field(label, control, { note: schema.enum ? schema.description : note(schema), id: `f${pointer(path)}` });
  }

  /** The editor of one value: a leaf, or a choice with its options, or the members of an object. */
  function editor(given, path, { label = words(path.at(-1)), only, except, required } = {}) {
    const schema = resolved(given, document);
    const picked = choiceOf(schema, path);
    if (picked) return chooser(schema, path, picked, { label, required });
    if (schema.properties) {
      const names = Object.keys(schema.properties).filter((name) => (!only || only.includes(name)) && !except?.includes(name));
      return h('fieldset', { class: 'nested' }, h('legend', {}, label), h('div', { class: 'fields' },
        names.map((name) => editor(schema.properties[name], [...path, name]))));
    }
    return leaf(schema, path, label);
  }

  function chooser(schema, path, { key, options, isFlat }, { label, required }) {
    const names = options.map(([name]) => name);
    const usual = schema.properties?.[key]?.default ?? (required ? undefined : names.includes('original') ? 'original' : names.includes('none') ? 'none' : undefined);
    const nested = h('fieldset', { class: 'nested' });
    const select = choice(names.map((name) => [name, words(name)]), at(values, [...path, key]) ?? usual ?? names[0], {
      onchange: () => {
        const before = at(values, path) || {};
        const branch = options.find(([name]) => name === select.value)?.[1];
        const kept = isFlat ? {} : Object.fromEntries(Object.entries(before).filter(([name, value]) => name !== key && branch?.properties?.[name]
          && faultOf(value, branch.properties[name], document) === null));
        put(values, path, select.value === usual && !required ? (Object.keys(kept).length ? kept : undefined) : { [key]: select.value, ...kept });
        inside();
        changed();
      },
    });
    function inside() {
      for (const [name] of leaves) if (name.startsWith(`${pointer(path)}/`) && name !== pointer([...path, key])) leaves.delete(name);
      const [, branch, description] = options.find(([name]) => name === select.value) || [];
      const properties = Object.entries(branch?.properties || {}).filter(([name, inner]) => name !== key
        && (!isFlat || belongs(resolved(inner, document), select.value)));
      nested.hidden = !properties.length && !description;
      fill(nested, h('legend', { class: 'hidden' }, `Options of ${words(select.value)}`), description && h('p', { class: 'note' }, description),
        h('div', { class: 'fields' }, properties.map(([name, inner]) => editor(inner, [...path, name]))));
    }
    if (required && at(values, [...path, key]) === undefined) put(values, [...path, key], select.value);
    leaves.set(pointer([...path, key]), { control: select, schema: {}, path: [...path, key] });
    leaves.set(pointer(path), { control: select, schema: {}, path });
    inside();
    return h('div', { class: 'stack choice' }, field(label, select, { id: `f${pointer(path)}` }), nested);
  }

  /** Of a schema without branches: whether a member's description names other kinds only. */
  const belongs = (inner, kind) => {
    const named = /^(?:Of )?`?([a-z_]+)`?(?: \([^)]*\))?(?:, `?[a-z_]+`?(?: \([^)]*\))?)*/.exec(inner.description || '');
    const known = ['sgd', 'gradient_descent', 'adam', 'adamw', 'shampoo', 'lbfgs', 'muon', 'adaptive', 'bisect', 'increment', 'grid', 'cosine', 'step', 'plateau', 'subspace', 'quantized'];
    const words = (inner.description || '').match(/[a-z_]+/g)?.filter((word) => known.includes(word)) || [];
    return !named || !words.length || words.includes(kind) || kind === 'constant';
  };

  function show(item, fault) {
    item.control.setAttribute('aria-invalid', String(Boolean(fault)));
    const place = document_.getElementById(`${item.control.id}-fault`);
    if (place && place.textContent !== (fault || '')) place.textContent = fault || '';
  }
  const document_ = globalThis.document;

  function check(path) {
    const item = leaves.get(pointer(path));
    const fault = faultOf(at(values, path), item.schema, document);
    show(item, fault);
    return fault;
  }

  return {
    editor,
    /** Faults that the form itself sees: [{ pointer, detail }]. */
    check: () => [...leaves.values()].map((item) => ({ pointer: pointer(item.path), detail: check(item.path) })).filter((item) => item.detail),
    /** Shows the server's faults where they belong; returns those that have no field. */
    showFaults(faults) {
      const rest = [];
      for (const fault of faults) {
        let place = fault.pointer || '';
        while (place && !leaves.has(place)) place = place.slice(0, place.lastIndexOf('/'));
        if (place) show(leaves.get(place), `${fault.detail || ''}${fault.allowed ? `; allowed: ${fault.allowed}` : ''}`);
        else rest.push(fault);
      }
      return rest;
    },
    leaves,
  };
}
