// Runs before the first paint, so that a dark page never flashes white. src/app/theme.ts goes on.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("lensmith.theme");
  } catch {
    // Storage may be forbidden: the choice of the operating system holds.
  }
  var dark = stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("awsui-dark-mode", dark);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
})();
