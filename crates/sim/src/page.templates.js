"use strict";
// Templates on the phone, and the desk where they are reviewed. Uses the helpers of the page.

// *bold*, _italic_, ~struck~ and ```typed``` as WhatsApp shows them.
function written(text) {
  const box = make("span");
  box.dir = "auto";
  const marks = { "*": "strong", "_": "em", "~": "s" };
  for (const piece of String(text).split(/(```[^`]+```|\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~)/)) {
    if (piece.startsWith("```") && piece.length > 6) box.append(make("code", piece.slice(3, -3)));
    else if (piece.length > 2 && marks[piece[0]] && piece.endsWith(piece[0])) box.append(make(marks[piece[0]], piece.slice(1, -1)));
    else box.append(piece);
  }
  return box;
}

function mediumOf(medium) {
  const marks = { image: "🖼", video: "🎬", document: "📄", gif: "🎞", location: "📍", product: "🛍" };
  const box = make("div", undefined, "medium");
  if (medium.kind === "image" && medium.link) {
    const picture = make("img");
    picture.src = medium.link;
    picture.alt = "";
    picture.onerror = () => picture.remove();
    box.append(picture);
  }
  const words = [medium.filename, medium.name, medium.address].filter(Boolean).join(" · ");
  box.append(make("span", `${marks[medium.kind] || ""} ${words || medium.kind}`));
  return box;
}

// Everything of a template; `tap` makes what a button does when it is pressed, or nothing.
function templateOf(shown, tap) {
  const box = make("div", undefined, "template");
  if (shown.media) box.append(mediumOf(shown.media));
  else if (shown.header) box.append(make("b", shown.header));
  if (shown.offer) {
    const until = shown.offer.until_ms ? " · until " + new Date(shown.offer.until_ms).toLocaleString() : "";
    box.append(make("div", `⏱ ${shown.offer.text}${until}`, "offer"));
  }
  if (shown.body) box.append(written(shown.body));
  if (shown.footer) box.append(make("footer", shown.footer));
  const buttons = (shown.buttons || []).map((button) => {
    const marks = { URL: "↗ ", PHONE_NUMBER: "📞 ", COPY_CODE: "⧉ ", OTP: "⧉ ", FLOW: "▤ ", QUICK_REPLY: "↩ " };
    const one = make("button", (marks[button.type] || "") + (button.text || (button.type === "COPY_CODE" ? "Copy offer code" : button.type)));
    one.title = button.url || button.phone_number || button.code || "";
    const work = tap && tap(button);
    one.disabled = !work;
    if (work) one.onclick = work;
    return one;
  });
  if (buttons.length) { const taps = make("div", undefined, "taps"); taps.append(...buttons); box.append(taps); }
  if (shown.cards) {
    const row = make("div", undefined, "cards");
    row.append(...shown.cards.map((card) => { const one = templateOf(card, tap); one.classList.add("card"); return one; }));
    box.append(row);
  }
  return box;
}

const REASONS = ["INVALID_FORMAT", "INCORRECT_CATEGORY", "PROMOTIONAL", "TAG_CONTENT_MISMATCH", "ABUSIVE_CONTENT", "SCAM", "CATEGORY_NOT_AVAILABLE"];
const CATEGORIES = ["MARKETING", "UTILITY", "AUTHENTICATION"];
const MODES = [["manual", "by hand, below"], ["auto", "by itself, at once"], ["delayed", "by itself, within a day"]];
let shownDesk = "";
const openRows = new Set();

function deskRow(template) {
  const decide = (decision) => guard(async () => { await call(`templates/${template.id}/decide`, decision); document.activeElement?.blur(); await refresh(); });
  const button = (label, work, className) => { const b = make("button", label, className); b.onclick = work; return b; };
  const choice = (label, words) => { const s = make("select"); s.setAttribute("aria-label", label); fill(s, words.map((word) => [word, word.toLowerCase().replaceAll("_", " ")])); return s; };
  const line = (...parts) => { const d = make("div", undefined, "row"); d.append(...parts); return d; };
  const row = make("details");
  row.open = openRows.has(template.id);
  row.ontoggle = () => { if (row.open) openRows.add(template.id); else openRows.delete(template.id); };
  const facts = [template.language, template.category.toLowerCase(), template.status.toLowerCase().replaceAll("_", " ")];
  if (template.status === "REJECTED" && template.rejected_reason) facts.push(template.rejected_reason.toLowerCase().replaceAll("_", " "));
  if (template.quality !== "UNKNOWN") facts.push("quality " + template.quality.toLowerCase());
  if (template.correct_category) facts.push("becomes " + template.correct_category.toLowerCase());
  if (template.paused_until_ms) facts.push("until " + new Date(template.paused_until_ms).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" }));
  if (template.pacing) facts.push(`paced, ${template.held} held`);
  const summary = make("summary", template.name + " ");
  summary.append(make("span", facts.join(" · "), template.status === "PENDING" ? "waits" : "quiet"));
  const bubble = make("div", undefined, "bubble business");
  bubble.append(templateOf(template.preview));
  const category = choice("Category", CATEGORIES), reason = choice("Reason", REASONS), quality = choice("Quality", ["GREEN", "YELLOW", "RED", "UNKNOWN"]);
  category.value = template.category;
  quality.value = template.quality;
  quality.onchange = () => decide({ decision: "quality", quality: quality.value })();
  row.append(summary, bubble);
  if (["PENDING", "REJECTED", "IN_APPEAL", "DISABLED", "ARCHIVED"].includes(template.status)) {
    row.append(line(button("Approve", () => decide({ decision: "approve", category: category.value })(), "main"), make("span", "as", "quiet"), category));
  } else {
    row.append(line(category, button("Change category tomorrow", () => decide({ decision: "category", category: category.value })()), button("Now", () => decide({ decision: "category", category: category.value, at_once: true })())));
  }
  if (["PENDING", "APPROVED", "IN_APPEAL"].includes(template.status)) row.append(line(button("Reject", () => decide({ decision: "reject", reason: reason.value })()), make("span", "for", "quiet"), reason));
  const rest = [make("span", "Quality", "quiet"), quality];
  if (template.status === "PAUSED") rest.push(button("Unpause", decide({ decision: "unpause" })));
  if (template.status === "APPROVED") rest.push(button("Pause", decide({ decision: "pause" })), button("Disable", decide({ decision: "disable" })));
  const act = (verb, body) => guard(async () => { await call(`templates/${template.id}/${verb}`, body); await refresh(); });
  if (template.pacing) rest.push(button("Release what is held", act("release", {})), button("Fail what is held", act("pause", {})));
  else if (template.status === "APPROVED") rest.push(button("Pace", act("pacing", { first: 0, after_minutes: null })));
  row.append(line(...rest));
  return row;
}

async function drawDesk() {
  const number = world.numbers.find((n) => n.phone_number_id === $("number").value);
  if (!number) return;
  const answer = await call(`templates?limit=100&waba_id=${number.waba_id}`);
  if (!$("review-mode").options.length) fill($("review-mode"), MODES);
  if (document.activeElement !== $("review-mode")) $("review-mode").value = answer.review.mode;
  const print = JSON.stringify(answer);
  if (print === shownDesk || ($("desk").contains(document.activeElement) && document.activeElement.tagName === "SELECT")) return;
  shownDesk = print;
  $("desk-count").textContent = answer.waiting ? `${answer.waiting} waiting` : "nothing waits";
  $("desk").replaceChildren(...answer.data.map(deskRow));
  if (answer.total > answer.data.length) $("desk").append(make("p", `${answer.total - answer.data.length} more are not shown.`, "quiet"));
}
