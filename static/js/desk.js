/* The desk's keyboard, its lease and the list of what saving will do. The page works without it. */
(() => {
  "use strict";

  const desk = document.getElementById("desk");
  if (!desk) return;
  const all = (selector, root = desk) => [...root.querySelectorAll(selector)];
  const one = (selector, root = desk) => root.querySelector(selector);
  const TEXT = "textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=hidden])";
  const show = (element, on) => { if (element) element.hidden = !on; };
  const writing = () => document.activeElement?.matches(TEXT) || document.activeElement?.isContentEditable;

  /* ---- questions ------------------------------------------------------------------------------------------------- */

  const questions = all("[data-question]");
  let current = -1, begun = "";
  const go = (index, look = true) => {
    questions[current]?.classList.remove("is-now", "is-begun");
    if (index !== current) begun = "";
    current = Math.max(-1, Math.min(index, questions.length - 1));
    const question = questions[current];
    if (!question) return;
    question.classList.add("is-now");
    if (look) question.scrollIntoView({ block: "nearest" });
  };
  const chosen = (question) => one("input[type=radio]:checked", question);
  const isLow = (question) => Boolean(one("input.low:checked", question));
  const lows = () => questions.filter(isLow);
  const answered = (question) => {
    const text = one("input.form-control", question);
    return text && !one("[type=radio]", question) ? text.value.trim() !== "" : Boolean(chosen(question));
  };

  const answer = (value) => {
    const question = questions[current];
    const choice = question && one(`input[type=radio][value="${value}"]`, question);
    if (!choice) return false;
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    const next = questions.findIndex((other, index) => index > current && !answered(other));
    if (next >= 0) go(next);
    else if (current < questions.length - 1) go(current + 1);
    return true;
  };
  /* On the 0–10 question a number is typed in two steps where one key does not say which is meant: 1 0 is ten,
     0 or 1 alone is confirmed by Enter. Everywhere else 0 is ten, or no. */
  const ambiguous = (question) => one("input[value='0']", question) && one("input[value='10']", question);
  const begin = (digit) => {
    const question = questions[current];
    begun = digit;
    const choice = one(`input[type=radio][value="${digit}"]`, question);
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    question.classList.add("is-begun");
    return true;
  };
  const finish = (value) => {
    if (!begun) return false;
    begun = "";
    questions[current].classList.remove("is-begun");
    return answer(value);
  };
  const mark = (digit) => {
    const question = questions[current];
    if (!question) return false;
    if (!ambiguous(question)) return answer(digit === "0" && one("input[value='10']", question) ? "10" : digit);
    if (begun === "1" && digit === "0") return finish("10");
    if (digit === "0" || digit === "1") return begin(digit);
    question.classList.remove("is-begun");
    begun = "";
    return answer(digit);
  };
  const writeReason = () => {
    const wanting = lows().find((question) => one("textarea", question)?.value.trim() === "") || lows().pop();
    one("textarea", wanting || document.createElement("i"))?.focus();
    return Boolean(wanting);
  };

  questions.forEach((question, index) => {
    question.addEventListener("focusin", () => go(index, false));
    question.addEventListener("click", () => go(index, false));
    /* who has written the reason goes on with what is not answered yet, and does not mark this one again */
    question.addEventListener("focusout", (event) => {
      const next = questions.findIndex((other) => !answered(other));
      if (event.target.matches(TEXT) && next >= 0) go(next, false);
    });
  });

  /* The decision stands under the last low answer, where it was heard. */
  const decide = document.getElementById("decide");
  const decideHome = decide?.parentNode;
  const placeDecision = () => {
    const last = lows().pop();
    const target = last ? one(".hf-low", last) : decideHome;
    if (decide && target && decide.parentNode !== target) target.append(decide);
  };

  /* ---- further purposes, the note's phrases ---------------------------------------------------------------------- */

  const purposes = all("[data-purpose]");
  const pick = (choice) => {
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  };
  purposes.forEach((purpose) => {
    purpose.addEventListener("change", (event) => { if (event.isTrusted || event.target.dataset.picked) purpose.dataset.touched = "1"; });
    if (one("input:checked", purpose)) purpose.dataset.touched = "1";
  });
  /* Until the caller says otherwise, a purpose ends as the call does. */
  const settlePurposes = () => {
    const result = one("input[name=result]:checked");
    const row = result && one(`[data-result="${result.value}"]`);
    const value = row?.dataset.saves ? "done" : row?.dataset.next === "finish_refused" ? "refused" : "";
    purposes.filter((purpose) => !purpose.dataset.touched).forEach((purpose) => {
      all("input", purpose).forEach((choice) => { choice.checked = choice.value === value; });
    });
  };
  const nextPurpose = () => {
    const here = purposes.findIndex((purpose) => purpose.contains(document.activeElement));
    const purpose = purposes[(here + 1) % purposes.length];
    (one("input:checked", purpose) || one("input", purpose)).focus();
    purpose.scrollIntoView({ block: "nearest" });
  };
  const byDigit = (digit) => {
    const purpose = document.activeElement?.closest("[data-purpose]");
    const choice = purpose && all("input[type=radio]", purpose)[Number(digit) - 1];
    if (choice) {
      choice.dataset.picked = "1";
      pick(choice);
      choice.focus();
      return true;
    }
    const phrase = document.activeElement?.closest("#phrases") && all("[data-phrase]")[Number(digit) - 1];
    if (phrase) phrase.click();
    return Boolean(phrase);
  };
  const note = document.getElementById("id_note");
  show(document.getElementById("phrases"), true);
  all("[data-phrase]").forEach((button) => button.addEventListener("click", () => {
    const words = note.value.trimEnd();
    note.value = `${words}${words && !/[。.！!？?；;，,]$/.test(words) ? "，" : ""}${button.dataset.phrase}`.slice(0, note.maxLength);
    note.dispatchEvent(new Event("input", { bubbles: true }));
    if (document.activeElement?.closest("#phrases")) document.activeElement.blur();
  }));

  /* ---- what saving will do --------------------------------------------------------------------------------------- */

  /* The same sum as on the server: items within their factor, then the factors that have an answer. */
  const mean = (pairs) => {
    const weight = pairs.reduce((sum, pair) => sum + pair[1], 0);
    return weight ? pairs.reduce((sum, pair) => sum + pair[0] * pair[1], 0) / weight : null;
  };
  /* "1:20 2:40 …": what each answer of the version's scale is worth */
  const worthOf = (worth, value) => Number(worth.split(" ").find((pair) => pair.startsWith(`${value}:`)).split(":")[1]);
  const score = () => {
    const factors = new Map();
    questions.forEach((question) => {
      const { factor, weight, factorWeight, worth } = question.parentNode.dataset;
      const value = chosen(question)?.value;
      if (!value || value === "na" || !Number(weight)) return;
      if (!factors.has(factor)) factors.set(factor, { weight: Number(factorWeight), items: [] });
      factors.get(factor).items.push([worthOf(worth, value), Number(weight)]);
    });
    all("[data-factor-score]").forEach((element) => {
      const factor = factors.get(element.dataset.factorScore);
      element.textContent = factor ? mean(factor.items).toFixed(1) : "";
    });
    return mean([...factors.values()].map((factor) => [mean(factor.items), factor.weight]));
  };
  const effect = (name, on) => show(one(`[data-effect=${name}]`), on);

  /* Steps of the script that are read only once a low answer was given. */
  const lowSteps = () => tabs.forEach((tab) => { if ("low" in tab.dataset) show(tab, lows().length > 0); });

  const refresh = () => {
    placeDecision();
    lowSteps();
    settlePurposes();
    const result = one("input[name=result]:checked")?.value;
    const row = result && one(`[data-result="${result}"]`);
    all("[data-result]").forEach((line) => show(line, line === row));
    show(document.getElementById("agreed"), row?.dataset.next === "at_agreed_time");
    show(document.getElementById("other-person"), row?.dataset.next === "ask_contact");
    show(document.getElementById("refused"), row?.dataset.next === "finish_refused");
    show(document.getElementById("text-message"), Boolean(row?.dataset.text));
    const count = questions.filter(answered).length;
    all("[data-count]").forEach((element) => { element.textContent = count; });
    show(one("[data-tally]"), count > 0);
    const saves = Boolean(row?.dataset.saves);
    const value = score();
    effect("answers", saves && count > 0);
    const waits = Boolean(row?.dataset.goesOn);
    effect("waits", waits && !saves && count > 0);
    effect("dropped", Boolean(row) && !waits && !saves && count > 0);
    show(one("[data-scored]"), value !== null);
    if (value !== null) one("[data-score]").textContent = value.toFixed(1);
    const low = saves ? lows() : [];
    const decision = one("input[name=decision]:checked")?.value;
    const wanting = low.some((question) => one("textarea", question)?.value.trim() === "") || (decide && !decision);
    ["settled", "grievance", "complaint", "waived"].forEach((name) =>
      effect(name, low.length > 0 && decision === name));
    effect("undecided", low.length > 0 && Boolean(wanting));
  };
  desk.addEventListener("change", refresh);
  desk.addEventListener("input", refresh);

  /* ---- number and script ----------------------------------------------------------------------------------------- */

  const number = document.getElementById("number");
  const dial = document.getElementById("dial");
  all("input[data-number]").forEach((choice) => choice.addEventListener("change", () => {
    number.textContent = choice.dataset.grouped;
    number.dataset.value = choice.dataset.number;
    dial.href = `tel:${choice.dataset.number}`;
  }));
  dial?.addEventListener("click", () => { desk.elements.started_at.value = new Date().toISOString(); });

  const tabs = all("[data-step]");
  const says = all(".hf-say");
  let step = 0;
  const say = (index) => {
    step = Math.max(0, Math.min(index, says.length - 1));
    says.forEach((text, place) => show(text, place === step));
    tabs.forEach((tab, place) => place === step ? tab.setAttribute("aria-current", "step") : tab.removeAttribute("aria-current"));
  };
  tabs.forEach((tab, index) => tab.addEventListener("click", (event) => { event.preventDefault(); say(index); }));
  const turn = (way) => {
    let place = step + way;
    while (tabs[place]?.hidden) place += way;
    if (says[place]) say(place);
  };

  /* ---- keys ------------------------------------------------------------------------------------------------------ */

  const save = (go) => one(`button[name=go][value=${go}]`).click();
  const focus = (selector) => {
    const element = one(selector);
    element?.focus();
    element?.scrollIntoView({ block: "nearest" });
    return Boolean(element);
  };
  const nextNumber = () => {
    const numbers = all("input[data-number]");
    const here = numbers.findIndex((choice) => choice.checked);
    if (numbers.length > 1) pick(numbers[(here + 1) % numbers.length]);
    return numbers.length > 1;
  };
  const plain = {
    b: () => dial?.click(),
    l: () => document.getElementById("copy")?.click(),
    n: nextNumber,
    a: () => focus("#id_booking_on"),
    o: () => focus("[data-chase]"),
    p: () => focus("[data-phrase]"),
    v: () => purposes.length > 0 && nextPurpose(),
    enter: () => begun !== "" && finish(begun),
    r: writeReason,
    i: () => document.getElementById("id_note")?.focus(),
    "[": () => turn(-1),
    "]": () => turn(1),
    "-": () => answer("na"),
    "`": () => answer("0"),
    arrowdown: () => go(current + 1),
    arrowup: () => go(current - 1),
  };
  const choose = (key) => {
    const choice = all("#pad input[data-key]").find((input) => input.dataset.key === key);
    if (!choice) return false;
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    if (!document.getElementById("agreed").hidden) one("[name=agreed_on]").focus();
    if (!document.getElementById("other-person").hidden) one("[name=contact_name]").focus();
    return true;
  };
  const decideBy = (event) => {
    const place = event.altKey && /^Digit([1-4])$/.exec(event.code)?.[1];
    const choice = place && one(`input[data-decision="${place}"]`);
    if (!choice || !lows().length) return false;
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); save(event.shiftKey ? "back" : "next"); return; }
    if (decideBy(event)) { event.preventDefault(); return; }
    /* Enter alone saves nothing: a call is saved by Ctrl+Enter or by its button. */
    if (event.key === "Enter" && event.target.matches("#desk input")) event.preventDefault();
    if (writing() || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.code === "Backquote" && !event.shiftKey ? "`" : event.key.toLowerCase();
    if (/^arrow/.test(key) && document.activeElement?.closest("[data-purpose]")) return; // the radios move themselves
    if (key === "escape" && document.activeElement?.closest("#phrases, #purposes")) document.activeElement.blur();
    const done = /^[0-9]$/.test(key) ? byDigit(key) || mark(key) : plain[key] ? plain[key]() !== false : choose(key);
    if (done) event.preventDefault();
  });

  /* ---- lease --------------------------------------------------------------------------------------------------- */

  const EVERY = 60, WARN = 120, IDLE = 300;
  let left = Number(desk.dataset.left), moved = Date.now(), until = Date.now() + left * 1000, lost = false;
  ["keydown", "pointerdown", "input"].forEach((name) => document.addEventListener(name, () => { moved = Date.now(); }));
  const clock = one("[data-lease]");
  const tick = () => {
    left = Math.max(0, Math.round((until - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    document.getElementById("lease").classList.toggle("t-warn", left <= WARN);
  };
  const renew = async () => {
    if (lost || Date.now() - moved > IDLE * 1000) return;
    const token = one("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(desk.dataset.renew, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => null);
    if (!answer) return;
    const told = await answer.json().catch(() => ({}));
    if (answer.ok && told.left) until = Date.now() + told.left * 1000;
    if (answer.status === 409) lost = true;
    const news = told.message || told.warning;
    if (news) {
      one("[data-lost]").textContent = news;
      show(document.getElementById("lost"), true);
    }
  };
  setInterval(tick, 1000);
  if (desk.dataset.renew) setInterval(renew, EVERY * 1000); // a practice call is nobody's to lose

  /* ---- begin ----------------------------------------------------------------------------------------------------- */

  tick();
  say(0);
  refresh();
  // After a refused save the caret stands in the first thing to mend.
  const wrong = one(".is-invalid") || one(".invalid-feedback:not([hidden])");
  const mend = wrong?.matches("input, select, textarea") ? wrong : wrong?.parentElement.querySelector("input, select, textarea");
  wrong?.scrollIntoView({ block: "center" });
  mend?.focus({ preventScroll: true });
  const asked = questions.findIndex((question) => wrong && question.contains(wrong));
  go(asked >= 0 ? asked : Math.max(0, questions.findIndex((question) => !answered(question))), false);
})();
