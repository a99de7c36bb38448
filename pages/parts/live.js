// What a page does without asking the server: tooltips, jumps to sentences; and links that stay in the session.
export default function (component) {
  const { data, setTriggerValue } = component;
  // Mounted anew on other data before the old mount is told: that one ends here.
  window.__rsEnd?.();

  const near = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

  if (data.reload && !sessionStorage.getItem("rs-reloaded")) {
    sessionStorage.setItem("rs-reloaded", "1");
    location.reload();
    return;
  }

  const clear = () => document.querySelectorAll(".found").forEach((e) => e.classList.remove("found"));
  const show = (found) => {
    clear();
    found.forEach((e) => e.classList.add("found"));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const block = found[0]?.matches(".rs-pane") ? "nearest" : "center"; // a pane may be higher than the window
    if (found[0]) found[0].scrollIntoView({ block, inline: "center", behavior: still ? "auto" : "smooth" });
  };

  const jump = (cell) => {
    const pane = document.getElementById(cell.dataset.pane);
    if (!pane) return;
    const found = [...pane.querySelectorAll(".rs-seg")].filter((e) => (e.dataset.codes || "").split(" ").includes(cell.dataset.jump));
    const turn = Number(cell.dataset.turn || 0) % Math.max(1, found.length);
    cell.dataset.turn = String(turn + 1);
    show([...found.slice(turn), ...found.slice(0, turn)]);
    if (found[turn]) found[turn].focus({ preventScroll: true });
  };

  // Streamlit puts the new parameters on the old page's path before it changes pages: two steps back for one click.
  // The first of the two is passed over.
  const oneStep = (path) => {
    const from = location.pathname;
    if (path === from) return;
    const until = Date.now() + 4000;
    delete history.pushState;
    const push = history.pushState;
    history.pushState = function (state, title, url) {
      const waits = Date.now() < until;
      if (waits && new URL(url, location.href).pathname === from) return;
      delete history.pushState;
      push.call(history, state, title, url);
    };
  };

  // Fields whose text goes to the server only when they are left; each belongs to a key of the address.
  const FIELDS = { q: ".st-key-filter_q input", find: ".st-key-own_find input" };
  const typed = (window.__rsTyped ||= new Set());
  const input = (event) => {
    const key = Object.keys(FIELDS).find((each) => event.target.matches?.(FIELDS[each]));
    if (key) typed.add(key);
  };
  const pending = () =>
    [...typed].filter((key) => {
      const field = document.querySelector(FIELDS[key]);
      return field && field.value !== (new URLSearchParams(location.search).getAll(key).pop() || "");
    });

  // The address that the links on the page were made for: that of the last run that came to its end.
  const app = document.querySelector("[data-testid=stApp]");
  const ended = () => {
    if (app.dataset.testScriptState === "notRunning") window.__rsBase = location.search;
  };
  window.__rsBase ??= location.search;
  const watch = new MutationObserver(ended);
  if (app) watch.observe(app, { attributeFilter: ["data-test-script-state"] });

  // The link, with what has changed in the fields and in the address since it was `search`.
  const renewed = (target, search) => {
    const url = new URL(target, location.href);
    const [now, base] = [location.search, search].map((each) => new URLSearchParams(each));
    const put = (key, values) => {
      url.searchParams.delete(key);
      values.forEach((value) => url.searchParams.append(key, value));
    };
    const keys = url.pathname === location.pathname ? [...data.filters, "find"] : data.filters;
    const changed = keys.filter((key) => now.getAll(key).join("\n") !== base.getAll(key).join("\n"));
    changed.forEach((key) => put(key, now.getAll(key)));
    const left = pending().filter((key) => keys.includes(key));
    left.forEach((key) => put(key, [document.querySelector(FIELDS[key]).value]));
    return url;
  };

  // Streamlit leaves the sidebar open over the page on a phone.
  const narrow = () => matchMedia("(max-width: 767.98px)").matches;
  const closeSidebar = () => {
    const open = document.querySelector("[data-testid=stSidebar][data-collapsed=false]");
    open?.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  };
  if (!window.__rsOpened && narrow()) closeSidebar();
  window.__rsOpened = true;

  // Text that is still in its field is sent first: it is a step in the history of its own, and nothing typed is lost.
  window.__rsSend = (target) => setTriggerValue("go", target);
  const follow = (target, search = window.__rsBase) => {
    clearInterval(window.__rsWait);
    if (pending().length) document.activeElement?.blur();
    const until = Date.now() + 4000;
    const go = () => {
      if (pending().length && Date.now() < until) return;
      clearInterval(window.__rsWait);
      const url = renewed(target, search);
      typed.clear();
      oneStep(url.pathname);
      window.__rsSend((url.pathname.split("/").pop() || "./") + url.search);
    };
    window.__rsWait = setInterval(go, 20);
    go();
    if (narrow()) closeSidebar();
  };

  // Where a click leads: a mark of a chart has its link in its data, a link to a page is Streamlit's.
  const leads = (event) => {
    const go = near(event, ".vega-embed svg *")?.__data__?.datum?.go;
    if (go) return go;
    const link = near(event, "a");
    if (!link) return near(event, "tr[data-href]")?.dataset.href;
    const ours = link.dataset.go !== undefined || link.dataset.testid === "stPageLink-NavLink";
    return ours ? link.getAttribute("href") || "./" : null;
  };

  // Leaving a field can redraw or move the link between press and release; the browser then makes no click of it.
  const chorded = (event) => event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const press = (event) => {
    const { target: on, clientX: x, clientY: y } = event;
    window.__rsPressed = chorded(event) ? null : { on, target: leads(event), search: window.__rsBase, x, y };
  };
  const release = (event) => {
    const was = window.__rsPressed;
    if (!was || !was.target || Math.hypot(was.x - event.clientX, was.y - event.clientY) > 8) return;
    if (was.on.isConnected && leads(event) === was.target) return;
    was.followed = true;
    follow(was.target, was.search);
  };

  const click = (event) => {
    if (event.defaultPrevented || chorded(event)) return;
    if (event.detail && window.__rsPressed?.followed) {
      event.preventDefault();
      return event.stopPropagation();
    }
    const cell = near(event, "a[data-jump]");
    if (cell) {
      event.preventDefault();
      return jump(cell);
    }
    const answer = near(event, "a[data-to]");
    if (answer) {
      event.preventDefault();
      const found = answer.dataset.to.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
      show(found);
      const on = found[0]?.querySelector(".rs-text") || found[0];
      if (on && !on.hasAttribute("tabindex")) on.tabIndex = -1;
      return on?.focus({ preventScroll: true });
    }
    const row = near(event, "a") ? null : near(event, "tr[data-href]");
    if (row && String(getSelection())) return;
    const target = leads(event);
    if (target) {
      event.preventDefault();
      event.stopPropagation();
      follow(target);
    }
  };

  let tip = null;
  const hide = () => {
    if (tip) tip.remove();
    tip = null;
  };
  const hover = (event) => {
    const owner = near(event, "[data-tip]");
    hide();
    if (!owner || !owner.dataset.tip) return;
    tip = document.createElement("div");
    tip.className = "rs-tip";
    tip.setAttribute("role", "tooltip");
    tip.textContent = owner.dataset.tip;
    (document.querySelector(".stApp") || document.body).append(tip);
    const rects = [...owner.getClientRects()];
    const at = rects.find((r) => event.clientY >= r.top && event.clientY <= r.bottom) || rects[0];
    const x = event.type === "pointerover" ? event.clientX : at.left;
    tip.style.left = `${Math.max(6, Math.min(x, innerWidth - tip.offsetWidth - 6))}px`;
    tip.style.top = `${at.top - tip.offsetHeight - 8 > 0 ? at.top - tip.offsetHeight - 8 : at.bottom + 8}px`;
  };
  const escape = (event) => {
    if (event.key === "Escape") {
      hide();
      clear();
    }
  };

  const listeners = [["pointerover", hover], ["focusin", hover], ["focusout", hide], ["keydown", escape]];
  listeners.push(["input", input], ["pointerdown", press, true], ["pointerup", release, true]);
  listeners.push(["click", click, true]); // before Streamlit's own
  listeners.forEach((each) => document.addEventListener(...each));
  document.addEventListener("scroll", hide, true);

  // The numbers of the pages stand below the list: turning one starts at its top.
  if (window.__rsPage !== undefined && window.__rsPage !== data.page) {
    document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0 });
  }
  window.__rsPage = data.page;

  // A link to one sentence: wait until it is drawn, then show it, once for each address. What a run still draws takes
  // as long as it takes.
  const mark = data.mark;
  let tries = mark && window.__rsMarked !== data.address ? 60 : 0;
  const wait = setInterval(() => {
    const found = tries > 0 ? document.getElementById(mark) : null;
    if (app?.dataset.testScriptState !== "running") tries -= 1;
    if (found) {
      window.__rsMarked = data.address;
      show([found]);
    }
    if (found || tries <= 0) clearInterval(wait);
  }, 80);
  if (!mark) window.__rsMarked = null;

  const end = () => {
    clearInterval(wait);
    hide();
    watch.disconnect();
    listeners.forEach((each) => document.removeEventListener(...each));
    document.removeEventListener("scroll", hide, true);
  };
  window.__rsEnd = end;
  return end;
}
