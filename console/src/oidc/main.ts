/** The page that signs a person in by OpenID Connect: it leads to the issuer, takes what that leads back with, and
 * leaves a service key for the console. It alone may ask other hosts than the API's. */

import { signIn } from "../session";
import "../style.css";
import { begun, finished } from "./code-flow";

const params = new URLSearchParams(location.search);

try {
  if (params.has("issuer")) {
    location.assign(await begun(params.get("issuer") ?? ""));
  } else {
    signIn(await finished(params));
    location.replace(new URL("./index.html", location.href)); // the code is in no history
  }
} catch (error) {
  const place = document.getElementById("sign-in");
  if (place) {
    place.className = "failed";
    place.setAttribute("role", "alert");
    place.textContent = error instanceof Error ? error.message : String(error);
  }
}
