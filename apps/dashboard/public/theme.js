// Before the first paint, so that a page whose theme was chosen does not flash in the other one. A script of its own
// because the Content-Security-Policy allows none inside the page.
try {
  const { theme } = JSON.parse(localStorage.getItem('tickwire') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's theme it is.
}
