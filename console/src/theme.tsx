/** Light or dark: as the system has it, or as was chosen here. */

import { useEffect, useState } from "preact/hooks";

const PLACE = "theme"; // of localStorage: a colour is no secret
const NEXT = { system: "light", light: "dark", dark: "system" } as const;
type Theme = keyof typeof NEXT;

function stored(): Theme {
  const theme = localStorage.getItem(PLACE);
  return theme === "light" || theme === "dark" ? theme : "system";
}

export function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => {
    if (theme === "system") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(PLACE);
    } else {
      document.documentElement.dataset.theme = theme;
      localStorage.setItem(PLACE, theme);
    }
  }, [theme]);
  return (
    <button type="button" onClick={() => setTheme(NEXT[theme])}>
      Theme: {theme}
    </button>
  );
}
