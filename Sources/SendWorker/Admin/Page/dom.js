// Writing to the page. Whatever comes from the worker becomes text, never markup.

export const byId = (id) => document.getElementById(id);

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Sets an element's text where it has changed, so that selections and screen readers are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Makes the children of an element match the items: kept by key, made and removed as needed, in the items' order. */
export function reconcile(parent, items, keyOf, create, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = known.get(key);
    known.delete(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const child of known.values()) child.remove();
}

/**
 * Fills a table.
 *
 * Columns have `label`, `text(item)`, and optionally `className`, `isHeader`, `create(item)` for a cell's element, and
 * `update(element, item)` instead of `text`.
 */
export function fillTable(table, columns, items, keyOf) {
  if (!table.tHead) {
    const row = table.createTHead().insertRow();
    for (const column of columns) {
      const cell = make("th", column.className, column.label);
      cell.scope = "col";
      row.append(cell);
    }
    table.createTBody();
    // Narrow screens show rows as blocks, which takes the table's meaning away unless it is said again.
    table.setAttribute("role", "table");
    table.tHead.setAttribute("role", "rowgroup");
    table.tBodies[0].setAttribute("role", "rowgroup");
    row.setAttribute("role", "row");
    for (const cell of row.cells) cell.setAttribute("role", "columnheader");
  }
  const createRow = (item) => {
    const row = make("tr");
    row.setAttribute("role", "row");
    for (const column of columns) {
      const cell = make(column.isHeader ? "th" : "td", column.className);
      if (column.isHeader) cell.scope = "row";
      cell.setAttribute("role", column.isHeader ? "rowheader" : "cell");
      cell.dataset.label = column.label;
      cell.append(column.create ? column.create(item) : make("span"));
      row.append(cell);
    }
    return row;
  };
  const updateRow = (row, item) => {
    columns.forEach((column, index) => {
      const element = row.cells[index].firstElementChild;
      if (column.update) column.update(element, item);
      else setText(element, column.text(item));
      row.cells[index].toggleAttribute("data-empty", element.textContent === "–");
    });
  };
  reconcile(table.tBodies[0], items, keyOf, createRow, updateRow);
  show(table, items.length > 0);
}
