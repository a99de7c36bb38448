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

  const clear = () => document.querySelectorAll(".rs-seg.found").forEach((e) => e.classList.remove("found"));
  const show = (found) => {
    clear();
    found.forEach((e) => e.classList.add("found"));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (found[0]) found[0].scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
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

  const click = (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const cell = near(event, "a[data-jump]");
    if (cell) {
      event.preventDefault();
      return jump(cell);
    }
    const link = near(event, "a");
    const row = link ? null : near(event, "tr[data-href]");
    if (row && String(getSelection())) return;
    const target = link ? (link.dataset.go === undefined ? null : link.getAttribute("href")) : row && row.dataset.href;
    if (target) {
      event.preventDefault();
      oneStep(new URL(target, location.href).pathname);
      setTriggerValue("go", target);
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

  const listeners = [["click", click], ["pointerover", hover], ["focusin", hover], ["focusout", hide], ["keydown", escape]];
  listeners.forEach(([name, act]) => document.addEventListener(name, act));
  document.addEventListener("scroll", hide, true);

  // The numbers of the pages stand below the list: turning one starts at its top.
  if (window.__rsPage !== undefined && window.__rsPage !== data.page) {
    document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0 });
  }
  window.__rsPage = data.page;

  // A link to one sentence: wait until it is drawn, then show it, once for each address.
  const mark = data.mark;
  let tries = mark && window.__rsMarked !== data.address ? 60 : 0;
  const wait = setInterval(() => {
    const found = tries-- > 0 ? document.getElementById(mark) : null;
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
    listeners.forEach(([name, act]) => document.removeEventListener(name, act));
    document.removeEventListener("scroll", hide, true);
  };
  window.__rsEnd = end;
  return end;
}
