/** Text that means itself, in elements and in quoted attributes. Every string of a result goes through here. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll(controls, '\uFFFD');
}

// Not even escaped are they allowed in HTML; tab and line feed are.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B-\u001F\u007F]/g;
