"use strict";
for (const input of document.querySelectorAll(".stage input")) {
  const follow = () => input.parentElement.style.setProperty("--at", input.value + "%");
  input.addEventListener("input", follow);
  follow();
}
// A page that is opened as a file may have no clipboard; then the text is copied by way of a selection.
async function copied(pre) {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(pre);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const done = await copied(document.getElementById(button.dataset.copy));
    button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => (button.textContent = label), 1600);
  });
}
