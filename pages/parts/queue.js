// The desk of the review queue: one sentence at a time, judged with a key. What a key does is seen at once; the server
// is told of it, and told again until it says that it has it (`data.ack`).
export default function (component) {
  const { data, parentElement, setStateValue } = component;
  window.__rsQueueEnd?.();

  // What has to outlive a new mount, as long as the queue is the same: what was shown, answered and not yet received.
  let S = window.__rsQueue;
  if (!S || S.context !== data.context) {
    const client = Math.random().toString(36).slice(2);
    S = { context: data.context, client, n: 0, log: [], items: new Map(), seen: [], at: 0, given: new Map(), told: [] };
    Object.assign(S, { answer: null, last: null, begun: new Map(), hint: "", brought: data.brought[0] });
    window.__rsQueue = S;
  }
  if (data.ack[0] === S.client) S.log = S.log.filter((event) => event.n > data.ack[1]);
  data.items.forEach((item) => S.items.set(item.id, item));
  // The browser remembers who judges: a link that is passed on does not.
  const keep = (name, seconds) => (document.cookie = `rs-me=${encodeURIComponent(name)}; path=/; max-age=${seconds}; SameSite=Lax`);
  if (data.me) keep(data.me, 31536000);
  else if (data.forget) keep("", 0);

  const codes = new Map(data.codes.map((code) => [code.code, code]));
  const byKey = new Map(data.codes.filter((code) => code.key).map((code) => [code.key, code]));
  const SIGNS = new Map([[-1, ["−", "negative"]], [0, ["○", "neutral"]], [1, ["+", "positive"]], [null, ["", "blank"]]]);

  // --- which sentence -------------------------------------------------------------------------------------------------
  const next = () => data.next.find((id) => !S.given.has(id) && (data.judges || !S.seen.includes(id)));
  const item = () => {
    if (S.at >= S.seen.length) {
      const id = next();
      if (id === undefined) return null;
      S.seen.push(id);
      S.at = S.seen.length - 1;
    }
    return S.items.get(S.seen[S.at]);
  };
  const goTo = (at) => {
    S.at = at;
    S.answer = null;
    S.last = null;
    S.begun = new Map();
    S.hint = "";
    draw();
  };
  // The sentence that is next in turn: the last one shown, if it was passed by to look back, else a new one.
  const onward = () => {
    const waits = S.seen.findIndex((id) => !S.given.has(id));
    goTo(waits < 0 ? S.seen.length : waits);
  };
  const back = () => S.at > 0 && goTo(S.at - 1);
  const mayGo = () => S.at < S.seen.length - 1 || (next() !== undefined && (!data.judges || S.given.has(S.seen[S.at])));
  const forward = () => mayGo() && goTo(S.at + 1);

  // An undo of what was judged before this page was opened brings its sentence back.
  if (data.brought[0] !== S.brought) {
    S.brought = data.brought[0];
    const id = data.brought[1];
    S.given.delete(id);
    S.seen = [...S.seen.filter((each) => each !== id), id];
    Object.assign(S, { at: S.seen.length - 1, answer: null, last: null, begun: new Map() });
  }

  // --- the answer -----------------------------------------------------------------------------------------------------
  const start = (it) => S.given.get(it.id)?.answer ?? it.answer;
  const answer = (it) => S.answer ?? start(it);
  const same = (a, b) => a.length === b.length && a.every(([c, p]) => b.some(([d, q]) => c === d && p === q));

  const press = (code) => {
    const it = item();
    if (!it || !data.judges) return;
    let mine = answer(it).map((each) => [...each]);
    let off = false;
    const has = mine.find(([c]) => c === code.code);
    if (has && code.polarised) {
      if (!S.begun.has(code.code)) S.begun.set(code.code, has[1]);
      const then = has[1] === null ? -1 : [-1, 0, 1][(has[1] + 2) % 3]; // the next of −, ○, +, round and round
      if (S.begun.get(code.code) === null) S.begun.set(code.code, -1);
      else if (then === S.begun.get(code.code)) off = true;
      if (off) mine = mine.filter(([c]) => c !== code.code);
      else has[1] = then;
    } else if (has) {
      mine = mine.filter(([c]) => c !== code.code);
    } else {
      const judged = [...mine, ...it.answer].map(([, p]) => p).find((p) => p !== null);
      const polarity = code.polarised ? judged ?? -1 : null;
      if (data.single || code.alone) mine = [];
      mine = [...mine.filter(([c]) => !codes.get(c)?.alone), [code.code, polarity]];
      S.begun.set(code.code, polarity);
    }
    if (!mine.some(([c]) => c === code.code)) S.begun.delete(code.code);
    set(mine, code.code);
  };
  const polarise = (polarity) => {
    const it = item();
    if (!it || !data.judges) return;
    const mine = answer(it).map((each) => [...each]);
    const judged = mine.filter(([c]) => codes.get(c)?.polarised);
    const one = judged.filter(([c]) => c === S.last);
    (one.length ? one : judged).forEach((each) => {
      each[1] = polarity;
      S.begun.set(each[0], polarity);
    });
    if (judged.length) set(mine, S.last);
  };
  const set = (mine, last) => {
    S.answer = mine;
    S.last = last;
    S.hint = "";
    draw();
  };

  // --- judging --------------------------------------------------------------------------------------------------------
  const send = (event) => {
    S.n += 1;
    S.log.push({ n: S.n, ...event });
    tell();
  };
  const tell = () => {
    setStateValue("log", { client: S.client, context: S.context, events: [...S.log] });
    setTimeout(late, 4000);
  };
  const judge = (does, mine) => {
    const it = item();
    if (!it || !data.judges) return;
    if (does !== "skip" && !mine.length) {
      S.hint = it.answer.length ? "No code is chosen. Press the key of one, or s to skip." : "The model gave no label: press the key of a code, or s to skip.";
      return draw();
    }
    S.told.push([it.id, S.given.get(it.id)]);
    S.given.set(it.id, { does, answer: mine });
    send({ do: does, id: it.id, answer: mine });
    onward();
  };
  const accept = () => item() && judge("accept", item().answer);
  const change = () => item() && judge(same(answer(item()), item().answer) ? "accept" : "change", answer(item()));
  const skip = () => judge("skip", []);
  const undo = () => {
    if (!data.judges) return;
    const last = S.told.pop();
    if (!last) return send({ do: "undo", id: null });
    const [id, was] = last;
    if (was) S.given.set(id, was);
    else S.given.delete(id);
    send({ do: "undo", id });
    goTo(S.seen.indexOf(id));
  };
  const clear = () => item() && data.judges && set([], null);
  const restore = () => S.at < S.seen.length && goTo(S.at);

  const polarised = data.codes.some((code) => code.polarised);
  const ACTS = [
    { key: "a", shown: "a", name: "Accept", does: accept, tip: "The model is right" },
    { key: "Enter", shown: "↵", name: "Change", does: change, tip: "Give your answer: the codes that are on" },
    { key: "c", shown: "c", name: "Clear", does: clear, tip: "Start your answer from nothing" },
    { key: "s", shown: "s", name: "Skip", does: skip, tip: "Leave it without an answer" },
    { key: "u", shown: "u", name: "Undo", does: undo, tip: "Take your last judgement back (also Ctrl+Z)" },
  ];
  const WAYS = [
    { key: "ArrowLeft", shown: "←", name: "Back", does: back, tip: "Look at the sentence before; judge it again if you like" },
    { key: "ArrowRight", shown: "→", name: "Next", does: forward, tip: "The sentence after it" },
  ];
  const TONES = [
    { key: "-", shown: "−", name: "negative", does: () => polarise(-1), tone: "negative" },
    { key: "0", shown: "0", name: "neutral", does: () => polarise(0), tone: "neutral" },
    { key: "+", shown: "+", name: "positive", does: () => polarise(1), tone: "positive" },
  ];
  const keys = new Map([...WAYS, ...(data.judges ? [...ACTS, ...(polarised ? TONES : [])] : [])].map((a) => [a.key, a.does]));
  keys.set("Escape", restore);
  if (polarised && data.judges) [["=", 1], ["−", -1], [".", null]].forEach(([key, to]) => keys.set(key, () => polarise(to)));

  const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox], [role=slider], [role=dialog]";
  const PRESSED = "button, a, summary, [role=radio], [role=button], [tabindex='0']";
  const keydown = (event) => {
    const on = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || on.closest(TYPING)) return;
    const taken = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z" && data.judges) {
      taken();
      return undo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (["Enter", "ArrowLeft", "ArrowRight"].includes(key) && on.closest(PRESSED)) return; // the button's own key
    const does = keys.get(key) ?? (data.judges && byKey.has(key) ? () => press(byKey.get(key)) : null);
    if (!does) return;
    taken();
    if (!event.repeat) does();
  };

  // --- drawing --------------------------------------------------------------------------------------------------------
  const el = (tag, kind, text) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const html = (kind, inner, tag = "div") => {
    const made = el(tag, kind);
    made.innerHTML = inner; // made by the server, every text of a corpus escaped
    return made;
  };
  const button = (kind, key, name, does) => {
    const made = el("button", kind);
    made.type = "button";
    if (key) made.append(el("kbd", "", key));
    made.append(el("span", "", name));
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays where keys are heard
    made.addEventListener("click", does);
    return made;
  };
  const codeButton = (code, mine) => {
    const has = mine.find(([c]) => c === code.code);
    const [sign, tone] = SIGNS.get(has?.[1] ?? null);
    const kind = code.kind || (code.polarised ? tone : "blank");
    const made = button(`rs-q-code${has ? ` on ${kind}` : ""}${code.weak ? " weak" : ""}`, code.key.toUpperCase(), code.short, () => press(code));
    if (code.name !== code.short) made.append(el("small", "", code.name));
    if (has && sign && !code.kind) made.append(el("i", "", sign));
    if (code.style) made.style.cssText = code.style;
    made.dataset.tip = code.tip;
    made.dataset.code = code.code;
    made.setAttribute("aria-pressed", String(Boolean(has)));
    made.setAttribute("aria-label", `${code.name}${has && sign && !code.kind ? `, ${tone}` : ""}${code.key ? `, key ${code.key}` : ""}`);
    return made;
  };
  const actButton = (act, it) => {
    const changed = it && !same(answer(it), start(it));
    const off = (act.key === "Enter" && !changed) || (act.key === "a" && !it?.answer.length) || (act.key === "c" && !(it && answer(it).length)) || (act.key === "ArrowLeft" && !S.at) || (act.key === "ArrowRight" && !mayGo());
    const main = act.key === (changed ? "Enter" : "a");
    const made = button(`rs-q-act${main ? " main" : ""}`, act.shown, act.name, act.does);
    made.disabled = off || (!it && !["u", "ArrowLeft"].includes(act.key));
    made.dataset.tip = act.tip || "";
    made.dataset.act = act.key;
    return made;
  };

  const root = parentElement.querySelector(".rs-q") || parentElement.appendChild(el("div", "rs rs-q"));
  const draw = () => {
    const it = item();
    root.replaceChildren();
    root.append(card(it));
    const acts = el("div", "rs-q-acts");
    (data.judges ? [...ACTS, ...WAYS] : WAYS).forEach((act) => acts.append(actButton(act, it)));
    root.append(acts, html("rs-q-hint", S.hint ? "" : data.hint));
    if (S.hint) root.lastChild.textContent = S.hint;
    if (S.hint) root.lastChild.classList.add("warn");
    if (it && data.judges) {
      const grid = el("div", "rs-q-codes");
      grid.setAttribute("role", "group");
      grid.setAttribute("aria-label", "Codes");
      data.codes.forEach((code) => grid.append(codeButton(code, answer(it))));
      const tones = el("div", "rs-q-tones");
      TONES.forEach((act) => {
        const made = button(`rs-q-tone ${act.tone}`, act.shown, act.name, act.does);
        made.dataset.act = act.key;
        tones.append(made);
      });
      root.append(...(polarised ? [tones] : []), grid);
    }
  };
  const card = (it) => {
    const made = el("article", "rs-q-card");
    made.setAttribute("aria-live", "polite");
    if (!it) {
      const waits = data.left > [...S.given.values()].length && S.log.length;
      made.append(waits ? el("div", "rs-muted", "One moment …") : html("rs-q-done", data.done));
      return made;
    }
    made.dataset.id = it.id;
    const said = el("div", "rs-q-said");
    it.said.forEach(([who, chips]) => said.append(html("", who, "b"), html("rs-chips", chips)));
    made.append(html("rs-q-head", it.head), html("rs-q-text rs-quote", it.text), said);
    const was = S.given.get(it.id);
    if (was) {
      const words = { accept: "You accepted this.", change: "You changed this.", skip: "You skipped this." }[was.does];
      made.append(el("div", "rs-q-was", `${words} A further answer takes its place.`));
    }
    return made;
  };

  // What the server has not confirmed after some seconds is told; it goes along with the next key.
  const late = () => {
    root.querySelector(".rs-q-late")?.remove();
    if (!root.isConnected || !S.log.length) return;
    const n = S.log.length;
    root.append(el("div", "rs-q-late", `${n} ${n === 1 ? "answer is" : "answers are"} not saved yet. Keep this page open.`));
  };

  draw();
  if (S.log.length) setTimeout(late, 4000);
  // A server that was started anew has heard nothing yet.
  const anew = S.log.length && data.judges && data.ack[0] !== S.client ? setTimeout(tell, 800) : 0;
  window.addEventListener("keydown", keydown, true); // before Streamlit, which has keys of its own
  const end = () => {
    clearTimeout(anew);
    window.removeEventListener("keydown", keydown, true);
  };
  window.__rsQueueEnd = end;
  return end;
}
