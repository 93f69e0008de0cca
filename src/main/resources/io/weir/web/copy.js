/**
 * Copies a text to the clipboard; false where the browser does not let it. Without TLS a page that
 * is not from this machine has no `navigator.clipboard`, and copies what is selected.
 */
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // The other way may still be open.
    }
  }
  return copySelection(text);
}

function copySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  // Outside of an open dialog nothing can be selected.
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return isCopied;
}
