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

  // The kernel's answers by variable, as it wrote them; null where it had none.
  check(task, facts) {
    return this.send('POST', 'check', { task, facts });
  }

  reveal(task, kind, number = 1) {
    return this.send('POST', 'reveal', { task, kind, number });
  }

  trust(digest) {
    return this.send('PUT', 'trust', { digest });
  }

  // Address of the page with a notebook's summary.
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
    let content = null;
    try {
      content = text ? JSON.parse(text) : null;
    } catch {
      // An HTML page, from another server or a proxy.
    }
    if (!response.ok) {
      throw new ApiError(content?.message || `The server answered with status ${response.status}.`, response.status, content);
    }
    return content;
  }
}
