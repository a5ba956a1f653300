/** Writes a page's query into the address without a new entry in the history and without a new start of the page. */
export function keepInAddress(name, query) {
  const text = query.toString();
  history.replaceState(null, '', `#/${name}${text ? `?${text}` : ''}`);
}
