/** Headless Chromium, through the commands of WebDriver that the tests need. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** How long a script may wait, in milliseconds. It is far longer than anything here takes. */
const PATIENCE = 60_000;

/** Starts a browser with a profile of its own. */
export async function startBrowser() {
  const driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((resolve, reject) => {
    driver.once("error", reject);
    createInterface(driver.stdout).on("line", (line) => {
      const found = /successfully on port (\d+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  // As root, as in a container, Chromium runs only without its sandbox. It sees nothing but pages of this machine.
  const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"];
  const wanted = { browserName: "chrome", timeouts: { script: PATIENCE }, "goog:chromeOptions": { args } };
  const { sessionId } = await send("POST", `http://127.0.0.1:${port}/session`, { capabilities: { alwaysMatch: wanted } });
  return new Browser(driver, `http://127.0.0.1:${port}/session/${sessionId}`);
}

class Browser {
  #driver;
  #session;
  constructor(driver, session) {
    this.#driver = driver;
    this.#session = session;
  }
  open(url) {
    return send("POST", `${this.#session}/url`, { url });
  }
  reload() {
    return send("POST", `${this.#session}/refresh`, {});
  }
  tab() {
    return send("GET", `${this.#session}/window`);
  }
  choose(handle) {
    return send("POST", `${this.#session}/window`, { handle });
  }
  async newTab() {
    const { handle } = await send("POST", `${this.#session}/window/new`, { type: "tab" });
    await this.choose(handle);
  }
  /** Types into fields, as a person does. `attribute` is what tells the fields apart: their names, or their types. */
  async type(fields, attribute = "name") {
    for (const [value, text] of Object.entries(fields)) {
      const field = await this.#find("css selector", `input[${attribute}=${value}]`);
      await send("POST", `${this.#session}/element/${field}/value`, { text });
    }
  }
  async click(button) {
    const element = await this.#find("xpath", `//button[normalize-space()="${button}"]`);
    await send("POST", `${this.#session}/element/${element}/click`, {});
  }
  /** Returns what the page looks like, as PNG in base64. */
  screenshot() {
    return send("GET", `${this.#session}/screenshot`);
  }
  /** A command of the DevTools protocol, for what WebDriver has no word for. */
  devtools(cmd, params) {
    return send("POST", `${this.#session}/goog/cdp/execute`, { cmd, params });
  }
  /** A command of WebDriver that few tests need, such as those for virtual authenticators. */
  command(method, path, body) {
    return send(method, this.#session + path, body);
  }
  /** Returns what the body of an async function returns. */
  async run(body) {
    const script = `const done = arguments[arguments.length - 1];
      (async () => { ${body} })().then((value) => done({ value }), (error) => done({ error: String(error?.stack ?? error) }));`;
    const { value, error } = await send("POST", `${this.#session}/execute/async`, { script, args: [] });
    if (error) throw new Error(error);
    return value;
  }
  /** Waits until a condition holds in the page. */
  until(condition) {
    return this.run(`
      const patience = AbortSignal.timeout(${PATIENCE / 2});
      while (!(${condition})) {
        if (patience.aborted) throw new Error(${JSON.stringify(condition)} + " does not hold in " + document.body.innerHTML);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }`);
  }
  async quit() {
    await send("DELETE", this.#session);
    this.#driver.kill();
    await once(this.#driver, "exit");
  }
  async #find(using, value) {
    return (await send("POST", `${this.#session}/element`, { using, value }))[ELEMENT];
  }
}

async function send(method, url, body) {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
