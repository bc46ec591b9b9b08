/** Shows one order, and asks twice a second what has happened since. */

const PAUSE = 500;
const chosen = document.querySelector("#order");
// The order to show; empty for whichever is the newest.
let wanted = new URLSearchParams(location.search).get("order") ?? "";
// What was shown before: what is new since then is marked.
let shown = { orderId: "", done: new Set() };

function element(kind, properties = {}, ...children) {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

/** Since the order's first step: +0.123 s, or +2:05 min. */
function since(at, began) {
  const seconds = Math.max(0, at - began);
  if (seconds < 60) return `+${seconds.toFixed(3)} s`;
  return `+${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
}

function took(milliseconds) {
  return milliseconds === null ? "" : `${Math.round(milliseconds)} ms`;
}

function showOrders(orders) {
  const known = [...chosen.options].map((option) => `${option.value}${option.text}`).join();
  const options = [
    new Option("the newest", ""),
    ...orders.map((order) => {
      const at = new Date(order.began * 1000).toLocaleTimeString();
      return new Option(`…${order.order_id.slice(-12)}, ${at}, ${order.status}`, order.order_id);
    }),
  ];
  if (!options.some((option) => option.value === wanted)) options.push(new Option(`…${wanted.slice(-12)}`, wanted));
  if (options.map((option) => `${option.value}${option.text}`).join() === known) return;
  chosen.replaceChildren(...options);
  chosen.value = wanted;
}

function showSteps(story) {
  if (shown.orderId !== story.order_id) shown = { orderId: story.order_id, done: null };
  const done = new Set();
  const rows = story.steps.map((step) => {
    const name = step.number + step.who;
    if (step.at !== null) done.add(name);
    const isFresh = shown.done && step.at !== null && !shown.done.has(name);
    const title = element("span", {}, step.title, " ");
    if (step.detail) title.append(element("span", { className: "detail" }, step.detail));
    // Who signed in did so some time before the order began.
    const isBefore = step.at !== null && step.at < story.began;
    const at = step.at === null ? "" : isBefore ? "before" : since(step.at, story.began);
    return element(
      "li",
      { className: `${step.at === null ? "" : "done"} ${isFresh ? "fresh" : ""}` },
      element("span", { className: "number" }, step.number),
      element("span", { className: "who" }, step.who),
      title,
      element("time", { title: took(step.milliseconds) }, at),
    );
  });
  const same = shown.done && shown.done.size === done.size;
  // Drawn anew, a row would begin to fade again.
  if (!same || !document.querySelector("#steps").children.length) {
    document.querySelector("#steps").replaceChildren(...rows);
  }
  shown.done = done;
}

function showCalls(story) {
  const traces = Map.groupBy(story.calls, (call) => call.trace);
  const parts = [...traces.values()].map((calls) => {
    const began = Math.min(...calls.map((call) => call.at));
    const ended = Math.max(...calls.map((call) => call.at + call.milliseconds / 1000));
    const whole = Math.max(ended - began, 0.001);
    const rows = calls.map((call) => {
      const bar = element("div", { className: "bar" });
      bar.style.left = `${(100 * (call.at - began)) / whole}%`;
      bar.style.width = `${call.milliseconds / 10 / whole}%`;
      const name = element("div", { className: "name", title: `${call.function}: ${call.cause}` }, call.function);
      name.style.paddingLeft = `${call.depth}rem`;
      return element(
        "div",
        { className: `call ${call.failed ? "failed" : ""}` },
        name,
        element("div", { className: "track" }, bar),
        element("div", { className: "took" }, took(call.milliseconds)),
      );
    });
    const title = `${calls[0].cause}, ${since(began, story.began)}, trace ${calls[0].trace}`;
    return element("div", { className: "trace" }, element("h3", {}, title), ...rows);
  });
  document.querySelector("#calls").replaceChildren(...parts);
}

function showTold(story) {
  const list = document.querySelector("#told");
  if (list.children.length === story.told.length && list.dataset.orderId === story.order_id) return;
  list.dataset.orderId = story.order_id;
  list.replaceChildren(
    ...story.told.map((told) =>
      element(
        "li",
        { className: told.kind },
        element("time", {}, since(told.at, story.began)),
        element("span", { className: "kind" }, told.kind),
        element("span", {}, told.text),
      ),
    ),
  );
  list.scrollTop = list.scrollHeight;
}

function showQueues(queues) {
  const count = (number, word) => element("span", {}, element("b", {}, String(number)), ` ${word} `);
  document.querySelector("#queues").replaceChildren(
    ...queues.map((queue) =>
      element(
        "li",
        { className: queue.dead ? "dead" : "" },
        queue.name,
        element(
          "div",
          { className: "counts" },
          count(queue.waiting, "waiting,"),
          count(queue.in_flight, "in hand,"),
          count(queue.dead, "dead"),
        ),
      ),
    ),
  );
}

async function look() {
  const [orders, queues] = await Promise.all([ask("/live/orders"), ask("/live/queues")]);
  showOrders(orders);
  showQueues(queues);
  const orderId = wanted || orders[0]?.order_id;
  document.querySelector("#empty").hidden = Boolean(orderId);
  if (!orderId) return;
  const story = await ask(`/live/orders/${orderId}`);
  const status = document.querySelector("#status");
  status.value = story.status.replaceAll("_", " ");
  status.className = story.status;
  status.title = `correlation id ${story.correlation_id}`;
  showSteps(story);
  showCalls(story);
  showTold(story);
}

/** Goes on for ever; where the shop does not answer for a while, what was shown stays. */
async function watch() {
  await look().catch(() => {});
  setTimeout(watch, PAUSE);
}

chosen.addEventListener("change", () => {
  wanted = chosen.value;
});
watch();
