/* Huifang 回访 — The editor of a draft: running sums beside the weights, spreading them evenly, further rows, order.
   The page works without it; the server sums again and has the last word. */
(() => {
  "use strict";
  const tree = document.querySelector("[data-tree]");
  if (!tree) return;
  const one = (selector, root = tree) => root.querySelector(selector);
  const all = (selector, root = tree) => [...root.querySelectorAll(selector)];
  const show = (element, on) => { if (element) element.hidden = !on; };
  const groups = () => all("[data-group]");
  const field = (row, name) => one(`[name$="-${name}"]`, row);

  /* hundredths as whole numbers: 0.1 + 0.2 is 0.3 here */
  const half = (text) => text.replace(/[０-９．]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  const cents = (input) => Math.round((Number(half(input?.value.trim() || "0")) || 0) * 100);
  const plain = (value) => String(value / 100);

  const named = (row) => Boolean(field(row, "label_zh")?.value.trim() || field(row, "label_en")?.value.trim());
  const dropped = (row) => Boolean(field(row, "drop")?.checked);
  const counted = (row) => named(row) && !dropped(row);
  const items = (group) => all("[data-item]", group);

  const tell = (place, sum, wanted) => {
    one("[data-sum]", place).textContent = plain(sum);
    const off = one("[data-off]", place);
    const gap = wanted - sum;
    off.textContent = gap === 0 ? `✓ ${tree.dataset.right}` : (gap > 0 ? tree.dataset.missing : tree.dataset.over).replace("#", plain(Math.abs(gap)));
    off.className = gap === 0 ? "is-right" : "is-off";
    show(place, true);
  };

  const refresh = () => {
    let total = 0;
    let factors = 0;
    groups().forEach((group) => {
      const factor = one("[data-factor]", group);
      group.classList.toggle("is-dropped", Boolean(factor) && dropped(factor));
      items(group).forEach((row) => row.classList.toggle("is-dropped", dropped(row)));
      if (!factor) return;
      const rows = items(group).filter(counted);
      const place = one("[data-group-sum]", factor);
      show(one("[data-spread]", factor), counted(factor) && rows.length > 1);
      if (!counted(factor)) { show(place, false); return; }
      total += cents(field(factor, "weight"));
      factors += 1;
      tell(place, rows.reduce((sum, row) => sum + cents(field(row, "weight")), 0), cents(field(factor, "weight")));
    });
    const whole = document.querySelector("[data-total]");
    if (factors) tell(whole, total, 10000); else show(whole, false);
  };

  const spread = (group) => {
    const rows = items(group).filter(counted);
    const whole = cents(field(one("[data-factor]", group), "weight"));
    const each = Math.floor(whole / rows.length);
    rows.forEach((row, index) => { field(row, "weight").value = plain(each + (index < whole - each * rows.length ? 1 : 0)); });
    refresh();
  };

  /* ---- order ----------------------------------------------------------------------------------------------------- */

  const number = (group) => items(group).filter(named).forEach((row, index) => { field(row, "place").value = index + 1; });
  const move = (row, up) => {
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other || !named(other)) return;
    if (up) other.before(row); else other.after(row);
    number(row.closest("[data-group]"));
    one(up ? "[data-up]" : "[data-down]", row).focus();
  };

  /* ---- further rows: the empty one at the end of a group, once more ---------------------------------------------- */

  const add = (group) => {
    const rows = items(group);
    const model = rows[rows.length - 1];
    const empty = rows.find((row) => !named(row));
    if (empty) { show(empty, true); field(empty, "label_zh").focus(); return; }
    const count = one("[name=items-TOTAL_FORMS]");
    const row = model.cloneNode(true);
    all("[name]", row).forEach((input) => {
      input.name = input.name.replace(/^items-\d+-/, `items-${count.value}-`);
      input.id = input.id.replace(/^id_items-\d+-/, `id_items-${count.value}-`);
      if (input.type === "checkbox") input.checked = false;
      else if (input.tagName === "INPUT") input.value = "";
    });
    all(".hf-design__error", row).forEach((error) => error.remove());
    row.classList.remove("is-wrong", "is-dropped");
    field(row, "factor").value = group.dataset.group;
    count.value = Number(count.value) + 1;
    model.after(row);
    field(row, "label_zh").focus();
  };

  /* the empty factor at the end; after saving there is another one */
  const spare = () => groups().find((group) => one("[data-factor]", group) && !named(one("[data-factor]", group)));
  const addFactor = () => {
    const group = spare();
    if (!group) return;
    show(group, true);
    field(one("[data-factor]", group), "label_zh").focus();
    show(one("[data-add-factor]"), false);
  };

  /* a question that belongs to another factor is carried there at once */
  const carry = (row, to) => {
    const group = groups().find((other) => other.dataset.group === to);
    if (!group || group === row.closest("[data-group]")) return;
    const empty = items(group).find((other) => !named(other));
    const rows = one("[data-rows]", group);
    if (empty) empty.before(row); else rows.append(row);
    number(group);
    row.scrollIntoView({ block: "nearest" });
  };

  tree.addEventListener("click", (event) => {
    const row = event.target.closest("[data-item]");
    const group = event.target.closest("[data-group]");
    if (event.target.closest("[data-spread]")) spread(group);
    else if (event.target.closest("[data-add-factor]")) addFactor();
    else if (event.target.closest("[data-add]")) add(group);
    else if (event.target.closest("[data-up]")) move(row, true);
    else if (event.target.closest("[data-down]")) move(row, false);
  });
  tree.addEventListener("change", (event) => {
    if (event.target.name?.endsWith("-factor")) carry(event.target.closest("[data-item]"), event.target.value);
    refresh();
  });
  tree.addEventListener("input", refresh);
  all("[data-item]").filter((row) => !named(row) && !row.matches(".is-wrong")).forEach((row) => show(row, false));
  show(spare(), false);
  all("[data-more], [data-moves]").forEach((element) => show(element, true));
  refresh();
})();
