// Improves only: without it every page works by its buttons.
const SAVE_AFTER_MS = 300, RETRY_AFTER_MS = 8000;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = id => document.getElementById(id);
document.documentElement.dataset.script = ""; // the style sheet hides [data-save-button]

// 1. Forms that save themselves: <form data-save data-target="⟨id of its block⟩">

// id of the block -> { timer, running, again, sent }; an entry means: not everything is saved
const tasks = new Map();
const formOf = id => document.querySelector(`form[data-save][data-target="${CSS.escape(id)}"]`);
const content = form => new URLSearchParams(new FormData(form)).toString();
const idOf = control => (control.form?.matches("[data-save]") ? control.form.dataset.target : "");
const taskOf = id => tasks.get(id) ?? tasks.set(id, {}).get(id);

function later(id, wait) {
  clearTimeout(taskOf(id).timer);
  taskOf(id).timer = setTimeout(save, wait, id);
}

// One save at a time; what happens meanwhile goes with the next one.
function save(id) {
  const task = tasks.get(id);
  clearTimeout(task?.timer);
  if (!task || !formOf(id)) return undefined;
  task.again = Boolean(task.running);
  task.running ??= send(id, task).finally(() => {
    task.running = null;
    return task.again ? save(id) : undefined;
  });
  return task.running;
}
const saveAll = () => Promise.all([...tasks.keys()].map(save));

async function send(id, task) {
  const form = formOf(id), headers = { "X-Lotse-Fragment": "1" };
  task.sent = content(form);
  let answer = { status: 0 }, fresh;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(task.sent), headers });
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { answer = { status: 0 }; }
  const { status } = answer, typedOn = content(form) !== task.sent;
  if (status === 0 || status === 429 || status >= 500) {
    say(byId("meter")?.dataset.unsaved, true);
    later(id, Math.max(RETRY_AFTER_MS, 1000 * (Number(answer.headers?.get("Retry-After")) || 0)));
  } else if (![200, 409, 422].includes(status)) {
    all("[data-says]", form).forEach(old => old.remove());
    form.append(...all("[data-says]", fresh));
    say(byId("meter")?.dataset.refused, true);
  } else if (status !== 200 && typedOn) {
    later(id, SAVE_AFTER_MS); // a refusal is shown once the form rests: it must not swallow what is typed
  } else {
    if (!typedOn && status === 200) tasks.delete(id);
    if (status !== 200) all("[data-saved]", fresh).concat(all("[data-saved]")).forEach(old => old.replaceChildren());
    renew(fresh, id);
  }
}

function say(words, failed) {
  const place = document.querySelector("[data-saved]");
  place?.classList.toggle("saved--not", failed);
  if (place) place.textContent = words ?? "";
}

// Each element of the answer takes the place of the one with its id; <main> that of <main>.
function renew(fresh, id) {
  const focus = document.activeElement, mark = focus?.id || id, top = topOf(mark);
  const words = fresh.querySelector("[data-saved]")?.textContent;
  for (const part of [...fresh.body.children]) {
    const old = part.localName === "main" ? document.querySelector("main") : byId(part.id);
    if (old && part.id === "meter") renewMeter(old, part);
    else if (old) swap(old, part, focus);
  }
  for (const gone of [...tasks.keys()].filter(key => !byId(key))) tasks.delete(gone);
  scrollBy(0, topOf(byId(mark) ? mark : id) - top); // nothing jumps
  if (words !== undefined) setTimeout(say, 50, words, false); // a new live region needs a moment
}
const topOf = id => byId(id)?.getBoundingClientRect().top ?? 0;

// The line that is read aloud stays the same element, else it is not heard.
function renewMeter(old, part) {
  const words = all("span:not([data-saved])", part);
  all("span:not([data-saved])", old).forEach((span, i) => span.replaceWith(words[i]));
  old.querySelector("progress").replaceWith(part.querySelector("progress"));
}

function swap(old, part, focus) {
  const inside = old.contains(focus);
  const caret = inside && focus.matches("textarea, input[type=text]") ? focus.selectionEnd : null;
  const name = fold => fold.id || `${fold.closest("[id]")?.id} ${fold.querySelector("summary > *")?.textContent}`;
  const opened = new Set([old, ...all("details", old)].filter(fold => fold.open).map(name));
  for (const fold of [part, ...all("details", part)]) if (opened.has(name(fold))) fold.open = true;
  const seen = all("form[data-save]", old).filter(form => !form.closest("details:not([open])"));
  const unsaved = all("form[data-save]", old).filter(form => tasks.has(form.dataset.target));
  for (const control of unsaved.flatMap(form => [...form.elements])) {
    const twin = control.id && part.querySelector(`#${CSS.escape(control.id)}`);
    if (twin && "checked" in twin) twin.checked = control.checked;
    if (twin && !/radio|checkbox|hidden/.test(twin.type)) twin.value = control.value;
  }
  old.replaceWith(part);
  for (const form of seen) openTo(formOf(form.dataset.target)); // an answered question stays in sight
  if (!inside) return;
  const again = byId(focus.id);
  if (!again) part.tabIndex = -1;
  openTo(again);
  (again ?? part).focus({ preventScroll: true });
  if (caret !== null) again?.setSelectionRange(caret, caret);
}

function openTo(target) {
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

addEventListener("input", event => { if (idOf(event.target)) taskOf(idOf(event.target)); });
addEventListener("change", event => { if (idOf(event.target)) later(idOf(event.target), SAVE_AFTER_MS); });
addEventListener("focusout", event => {
  const id = idOf(event.target), task = tasks.get(id);
  if (task && content(event.target.form) !== task.sent) later(id, SAVE_AFTER_MS);
});

// 2. Nothing typed is lost on the way out
let sure = false;
["online", "focus"].forEach(kind => addEventListener(kind, saveAll));
addEventListener("beforeunload", event => { if (tasks.size) event.preventDefault(); });
addEventListener("submit", async event => {
  const form = event.target, own = form.matches("[data-save]") && form.dataset.target;
  if (own) taskOf(own);
  else for (const id of [...tasks.keys()]) if (byId(id)?.contains(form)) tasks.delete(id);
  if (sure || !tasks.size) return;
  event.preventDefault();
  await (own ? save(own) : saveAll());
  sure = !own;
  if (sure) form.requestSubmit(event.submitter);
});
addEventListener("click", async event => {
  const link = event.target.closest?.("a[href]"), keys = event.metaKey || event.ctrlKey || event.shiftKey;
  if (!tasks.size || !link || keys || link.target || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  await saveAll();
  location.href = link.href;
});

// 3. Mistakes get the focus, pages of running work look again
document.querySelector("[data-focus]")?.focus();
const reveal = () => openTo(byId(location.hash.slice(1))); // a link into a fold opens it
addEventListener("hashchange", reveal);
reveal();
all("[data-reload]").forEach(place => setTimeout(() => location.reload(), place.dataset.reload * 1000));
