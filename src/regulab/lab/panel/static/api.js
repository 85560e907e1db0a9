// Requests to the server extension. Jupyter's own client adds the token, the XSRF header and the base URL.
const SECONDS = 20;

export class ApiError extends Error {
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export class Api {
  constructor({ coreutils, services }) {
    this.join = coreutils.URLExt.join;
    this.connection = services.ServerConnection;
    this.settings = this.connection.makeSettings();
  }

  session() {
    return this.send('GET', 'session');
  }

  progress() {
    return this.send('GET', 'progress');
  }

  change(changes) {
    return this.send('PUT', 'progress', changes);
  }

  // Facts are what the kernel gave by name, as it wrote it; null where it could not.
  check(task, facts) {
    return this.send('POST', 'check', { task, facts });
  }

  reveal(task, kind, number = 1) {
    return this.send('POST', 'reveal', { task, kind, number });
  }

  trust(digest) {
    return this.send('PUT', 'trust', { digest });
  }

  // Where the summary of a notebook is shown.
  summary(notebook) {
    return `${this.url('summary')}?notebook=${encodeURIComponent(notebook)}`;
  }

  url(path) {
    return this.join(this.settings.baseUrl, 'regulab', path);
  }

  dismiss() {
    return this.send('DELETE', 'notice');
  }

  async send(method, path, body, seconds = SECONDS) {
    const init = { method, signal: AbortSignal.timeout(seconds * 1000) };
    if (body !== undefined) init.body = JSON.stringify(body);
    let response;
    try {
      response = await this.connection.makeRequest(this.url(path), init, this.settings);
    } catch {
      throw new ApiError('The server does not answer. Is "regulab lab" still running?', 0, null);
    }
    const text = await response.text();
    let found = null;
    try {
      found = text ? JSON.parse(text) : null;
    } catch {
      // A page of another server, or of a proxy.
    }
    if (!response.ok) throw new ApiError(found?.message || `The server answered ${response.status}.`, response.status, found);
    return found;
  }
}
