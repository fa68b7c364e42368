// What a page does faster with a script. Without it everything here still works by links and buttons.
"use strict";

const announce = document.getElementById("announce");
const slowly = (wait, act) => { let timer; return (...args) => { clearTimeout(timer); timer = setTimeout(act, wait, ...args); }; };
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);
const fetched = async (url, options) => {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
};

// Swap parts of the page for those of another address of the same page. What was open stays open, the focus stays.
async function swap(url, ids, signal) {
  const parts = ids.map((id) => document.getElementById(id)).filter(Boolean);
  parts.forEach((part) => part.setAttribute("aria-busy", "true"));
  const late = setTimeout(() => { announce.textContent = announce.dataset.loading; }, 1000);
  try {
    const page = new DOMParser().parseFromString(await fetched(url, { signal }), "text/html");
    const focus = document.activeElement?.id;
    const open = new Map([...document.querySelectorAll("details[id]")].map((box) => [box.id, box.open]));
    parts.forEach((part) => {
      const fresh = page.getElementById(part.id);
      if (!fresh) throw new Error("the page has changed its shape");
      part.replaceWith(fresh);
    });
    open.forEach((is, id) => { const box = document.getElementById(id); if (box) box.open = is; });
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    each("input[type=search]", (box) => { box.value = page.getElementById(box.id)?.value ?? box.value; });
    document.title = page.title;
    announce.textContent = document.querySelector("[data-announce]")?.textContent ?? "";
    start();
  } finally { clearTimeout(late); parts.forEach((part) => part.removeAttribute("aria-busy")); }
}

// Filters: a change asks for the same address that the Apply button would; only the latest answer is shown.
let asking = new AbortController();
let shown = location.pathname + location.search;
async function follow(form, target, push) {
  asking.abort();
  const mine = asking = new AbortController();
  try {
    await swap(target, [form.dataset.swap, "filters-box"], mine.signal);
    if (push) history.pushState({}, "", target);
    shown = location.pathname + location.search;
  } catch { if (mine === asking) location.assign(target); }
}
const filled = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
const address = (form) => `${form.action.split("?")[0]}?${filled(form)}`;
document.addEventListener("change", (event) => {
  const { form, type } = event.target;
  if (form?.dataset.swap && type !== "search") follow(form, address(form), true);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.swap) { form.dataset.sent = "yes"; return; }
  event.preventDefault();
  follow(form, address(form), true);
});
addEventListener("popstate", () => {
  if (shown !== location.pathname + location.search) each("form[data-swap]", (form) => follow(form, location.href, false));
});

// Drafts: saved a few seconds after the last change; the server's own words say so.
const save = slowly(3000, async (form) => {
  const status = form.querySelector("[data-save-status]");
  status.textContent = form.dataset.saving;
  try {
    status.textContent = await fetched(form.dataset.autosave, { method: "POST", body: new FormData(form) });
    delete form.dataset.dirty;
  } catch { status.textContent = form.dataset.failed; }
});
document.addEventListener("input", (event) => {
  const { form } = event.target;
  if (form?.method === "post") form.dataset.dirty = "yes";
  if (form?.dataset.autosave) save(form);
  count(event.target);
  if (event.target.dataset.echo || event.target.name === "currency") echo(form);
});
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-dirty]:not([data-sent])")) event.preventDefault();
});

// Characters left, counted as the server counts them: after NFC, by code point.
function count(field) {
  const counter = field.dataset?.limit && document.getElementById(`${field.id}-counter`);
  if (!counter) return;
  const left = Number(field.dataset.limit) - [...field.value.normalize("NFC")].length;
  const text = left < 0 ? counter.dataset.over : counter.dataset.left;
  counter.textContent = text.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
  counter.classList.toggle("over", left < 0);
}

// Money in full under what was typed, in the form's currency; the server reads it, so that there is one reader.
const echo = slowly(400, (form) => each("[data-echo]", async (field) => {
  const said = field.asked = `${new URLSearchParams({ value: field.value, currency: form.elements.currency?.value ?? "" })}`;
  const text = field.value && await fetched(`${field.dataset.echo}?${said}`).catch(() => "");
  if (field.asked === said) document.getElementById(`${field.id}-echo`).textContent = text;
}, form));

// The end of the session is told two minutes before, unless something was asked for meanwhile, in whichever window.
const ending = document.getElementById("session-end");
let watching;
let before; // Where the focus was, for when the button that has it goes.
const look = (seconds) => { clearTimeout(watching); watching = setTimeout(watch, Math.max(seconds, 1) * 1000, "GET"); };
async function watch(method) {
  const headers = { "X-CSRF-Token": document.querySelector("[name=csrf_token]").value };
  const answer = await fetch(ending.dataset.url, { method, headers }).catch(() => ({ status: 503 }));
  if (answer.status > 499) return look(60);
  const left = answer.ok ? Number(await answer.text()) : 0;
  const state = left > 120 ? "" : left === 0 ? "over" : method === "POST" ? "last" : "soon";
  ending.replaceChildren(...(state ? [document.getElementById(`session-${state}`).content.cloneNode(true)] : []));
  if (method === "POST" && !state) { announce.textContent = announce.dataset.stayed; before?.focus(); }
  if (left) look(state ? left + 1 : left - 120);
}
if (ending) look(ending.dataset.left - 120);
ending?.addEventListener("focusin", ({ relatedTarget }) => { before = relatedTarget ?? before; });

// A running job renews itself until the page no longer asks for it, or somebody pauses it.
let paused = false;
let ticking;
function poll() {
  const job = document.querySelector("[data-poll]");
  each("[data-pause]", (button) => { button.hidden = !job; });
  clearTimeout(ticking);
  ticking = job && setTimeout(async () => {
    if (!paused && !document.hidden) await swap(job.dataset.poll, [job.id]).catch(() => {});
    poll();
  }, 3000);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (button) {
    paused = !paused;
    [button.textContent, button.dataset.pause] = [button.dataset.pause, button.textContent];
  }
  if (event.target.closest("[data-stay]")) watch("POST");
  each("details[data-menu][open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  const close = (menu) => { menu.open = false; menu.querySelector("summary").focus(); };
  if (event.key === "Escape") each("details[data-menu][open]", close);
});

// Once for a fresh page, and again for every part that was swapped in.
function start() { each("[data-limit]", count); poll(); }
if (matchMedia("(width < 60rem)").matches) each("details[data-narrow-closed]", (box) => { box.open = false; });
document.querySelector("[data-focus]")?.focus();
start();
