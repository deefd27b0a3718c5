// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let themeJs = #"""
// Light, dark, or as the system has it; the choice is remembered by the browser.

const KEY = "send-worker.theme";

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function apply(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function startTheme() {
  const inputs = document.querySelectorAll('input[name="theme"]');
  const chosen = remembered() ?? "auto";
  apply(chosen);
  for (const input of inputs) {
    input.checked = input.value === chosen;
    input.addEventListener("change", () => {
      apply(input.value);
      try {
        localStorage.setItem(KEY, input.value);
      } catch {
        // It holds for this visit only.
      }
    });
  }
}

"""#
}
