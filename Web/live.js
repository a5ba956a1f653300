// Live updates: a stream of events, and polling wherever there is none. Says what it does in the page's notice.

const notice = () => document.getElementById('connection');

function tell(text, kind = '') {
  const element = notice();
  element.hidden = !text;
  element.className = `connection ${kind}`;
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Follows a stream until `signal` is aborted.
 *
 * - path: the stream; - on: { event name: function(data) };
 * - poll(): fetches the present state; called once a stream is (again) there, and every `every` milliseconds while there
 *   is none. Should throw when the server can't be reached;
 * - isOver(): whether what is followed has ended: then the stream's end is no interruption.
 */
export function follow(path, { on, poll, every = 2000, isOver = () => false, signal }) {
  let source = null;
  let timer = null;
  let streaming = false;
  let failures = 0;

  const stopPolling = () => { clearTimeout(timer); timer = null; };

  async function pollOnce() {
    timer = null;
    if (signal.aborted || streaming) return;
    try {
      // A page that nobody sees needs no news.
      if (!document.hidden) await poll();
      failures = 0;
      tell(source && source.readyState !== EventSource.CLOSED
        ? 'Live updates are interrupted: reconnecting. Until then the page asks every few seconds.' : '', 'warn');
    } catch (error) {
      if (signal.aborted || error.name === 'AbortError') return;
      failures += 1;
      tell(error.isUnreachable
        ? 'The server can’t be reached. What you see may be old; the page keeps trying.' : `No news: ${error.message}`, 'bad');
    }
    schedule();
  }

  function schedule() {
    if (signal.aborted || streaming || timer) return;
    timer = setTimeout(pollOnce, Math.min(every * 2 ** Math.min(failures, 3), 15000));
  }

  function connect() {
    if (signal.aborted) return;
    source = new EventSource(path);
    source.onopen = async () => {
      streaming = true;
      failures = 0;
      stopPolling();
      tell('');
      // What happened while nobody listened.
      try { await poll(); } catch { /* The stream's own end says so. */ }
    };
    source.onerror = () => {
      const wasStreaming = streaming;
      streaming = false;
      if (signal.aborted) return;
      if (isOver()) {
        source.close();
        stopPolling();
        tell('');
        return;
      }
      if (source.readyState === EventSource.CLOSED) {
        // Refused, or no such route: asking takes its place, and the stream is tried again now and then.
        setTimeout(connect, 20000);
      } else if (wasStreaming) {
        tell('Live updates are interrupted: reconnecting …', 'warn');
      }
      schedule();
    };
    for (const [name, handle] of Object.entries(on)) {
      source.addEventListener(name, (event) => {
        try { handle(JSON.parse(event.data)); } catch (error) { console.error(error); }
      });
    }
  }

  signal.addEventListener('abort', () => { source?.close(); stopPolling(); tell(''); });
  connect();
}

/** Asks again and again, for what has no stream. */
export function repeat(poll, { every = 5000, signal }) {
  follow('/v1/events', { on: {}, poll: async () => {}, signal });
  const again = async () => {
    if (signal.aborted) return;
    try { if (!document.hidden) await poll(); } catch { /* The notice of the stream says so. */ }
    setTimeout(again, every);
  };
  setTimeout(again, every);
}
