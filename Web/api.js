// The client of the API: one function a request, problems as errors, and the session that the browser has.

/** An answer that is an error, as RFC 9457 describes it; status 0 where there was no answer. */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail || document.title || `The server answered ${status}.`);
    this.status = status;
    this.title = document.title || '';
    this.type = (document.type || '').replace('urn:emc:problem:', '');
    this.errors = document.errors || [];
    this.document = document;
  }

  /** Nobody answered: the server or the way to it is gone. */
  get isUnreachable() { return this.status === 0; }

  /** The server has no such route: it is of another version than this page. */
  get isMissingRoute() {
    return (this.status === 404 && this.type === 'not-found') || this.status === 405 || this.status === 501;
  }
}

/** What the server says of this browser's rights; `required` is false where no token is needed. */
export const session = { required: false, scopes: null, csrf: null };

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Sends a request and reads its answer. `json` is sent as JSON; `body` as it is.
 * Resolves to { status, headers, data }; data is JSON, or text where the answer is none. Throws a Problem.
 */
export async function request(method, path, { json, body, headers = {}, signal, etag } = {}) {
  const send = { method, headers: { Accept: 'application/json', ...headers }, signal, credentials: 'same-origin' };
  if (json !== undefined) {
    send.body = JSON.stringify(json);
    send.headers['Content-Type'] = 'application/json';
  } else if (body !== undefined) {
    send.body = body;
  }
  if (unsafe.has(method) && session.csrf) send.headers['X-CSRF-Token'] = session.csrf;
  if (etag) send.headers['If-None-Match'] = etag;
  let answer;
  try {
    answer = await fetch(path, send);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { detail: 'The server can’t be reached.' });
  }
  if (answer.status === 304) return { status: 304, headers: answer.headers, data: null };
  const type = answer.headers.get('Content-Type') || '';
  const text = answer.status === 204 ? '' : await answer.text();
  const data = type.includes('json') && text ? JSON.parse(text) : text;
  if (!answer.ok) {
    const problem = new Problem(answer.status, typeof data === 'object' ? data : { detail: text });
    if (answer.status === 401) window.dispatchEvent(new CustomEvent('emc:unauthorized'));
    throw problem;
  }
  return { status: answer.status, headers: answer.headers, data };
}

export const get = async (path, options) => (await request('GET', path, options)).data;
export const post = async (path, json, options) => (await request('POST', path, { json, ...options })).data;
export const remove = async (path, options) => (await request('DELETE', path, options)).data;

/** The answer, or null where the server has no such route. */
export async function getIfThere(path, options) {
  try {
    return await get(path, options);
  } catch (error) {
    if (error instanceof Problem && error.isMissingRoute) return null;
    throw error;
  }
}

/** A path with a query, without the members that are empty. */
export function address(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Every item of a paged list, at most `most`; `complete` is false where there were more. */
export async function all(path, query = {}, { most = 1000, signal } = {}) {
  const items = [];
  let cursor;
  do {
    const page = await get(address(path, { limit: 200, ...query, cursor }), { signal });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < most);
  return { items: items.slice(0, most), complete: !cursor };
}

/** Sends a file with its progress, 0 to 1; resolves as `request` does. */
export function upload(path, form, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest();
    sender.open('POST', path);
    sender.setRequestHeader('Accept', 'application/json');
    if (session.csrf) sender.setRequestHeader('X-CSRF-Token', session.csrf);
    sender.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sender.onerror = () => reject(new Problem(0, { detail: 'The upload broke off: the server can’t be reached.' }));
    sender.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    sender.onload = () => {
      let data = {};
      try { data = JSON.parse(sender.responseText); } catch { data = { detail: sender.responseText }; }
      if (sender.status >= 200 && sender.status < 300) resolve({ status: sender.status, data });
      else reject(new Problem(sender.status, data));
    };
    signal?.addEventListener('abort', () => sender.abort());
    sender.send(form);
  });
}

/** Asks what this browser may do. A server without sessions needs none. */
export async function loadSession() {
  const answer = await getIfThere('/v1/session');
  Object.assign(session, answer || { required: false, scopes: null, csrf: null });
  return session;
}

export async function logIn(token) {
  await post('/v1/session', { token });
  return loadSession();
}

export async function logOut() {
  await remove('/v1/session');
  return loadSession();
}

/** The same request for a shell. */
export function curl(method, path, json) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = ['curl -sS'];
  if (method !== 'GET') parts.push(`-X ${method}`);
  if (session.required) parts.push('-H "Authorization: Bearer $EMC_TOKEN"');
  if (json !== undefined) parts.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(json, null, 2))}`);
  parts.push(quote(location.origin + path));
  return parts.join(' ');
}
